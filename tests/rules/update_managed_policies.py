"""Writes rules/managed_policies/ anew from the AWS managed policies that the installed moto holds.

moto is where they come from because it is a maintained package that ships all of them: 1,582 on 2026-09-30. Of the
1,561 that the public data set iam-dataset of 2026-08-22 had too, all that AWS had not changed since were the same.
`make managed-policies` runs this with the newest moto.
"""

from __future__ import annotations

import json
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent.parent / "rules" / "managed_policies"


def files() -> dict[str, str]:
    """Return what the folder has to hold: the content of each file by its path below the folder."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: dict[str, dict[str, Any]] = json.loads(aws_managed_policies_data)
    newest = max(policy.get("UpdateDate") or policy["CreateDate"] for policy in policies.values())
    origin = {"package": "moto", "version": version("moto"), "policies": len(policies), "newest": newest[:10]}
    written = {
        f"{policy['Path'].strip('/')}/{name}.json".lstrip("/"): json.dumps(policy["Document"], indent=1) + "\n"
        for name, policy in policies.items()
    }
    return {"ORIGIN.json": json.dumps(origin, indent=1) + "\n"} | written


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, content in files().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
