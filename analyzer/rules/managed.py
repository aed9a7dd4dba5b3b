"""The AWS managed policies that ship with the rule data: rules/managed_policies/<path>/<name>.json, a document each.

They come from moto, which takes them from IAM's own API (`make managed-policies`; ORIGIN.json beside them says which
version). They are those of the partition `aws`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from analyzer.installed import rules_folder

if TYPE_CHECKING:
    from analyzer.model.policy import Policy

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html: the policies of AWS itself have `aws` in
# the place of the account. A name holds letters, digits and +=,.@-_, and here no part of a path that leads elsewhere.
_ARN: Final = re.compile(r"arn:aws:iam::aws:policy/(?P<path>(?:[\w+=,.@-]+/)*)(?P<name>[\w+=,.@-]+)", re.ASCII)


def managed_policy_arns() -> dict[str, str]:
    """Return the ARNs of the AWS managed policies by their names alone, as SAM templates give them."""
    top = os.path.join(rules_folder(), "managed_policies")
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(top):
        folders.sort()
        path = os.path.relpath(folder, top).replace(os.sep, "/")
        for name in names:
            stem, extension = os.path.splitext(name)
            if extension == ".json" and (path, stem) != (".", "ORIGIN"):
                found[stem] = f"arn:aws:iam::aws:policy/{'' if path == '.' else f'{path}/'}{stem}"
    return found


def managed_policy(arn: str) -> str | None:
    """Return the JSON of the AWS managed policy with this ARN, in its default version; None if it is not known."""
    match = _ARN.fullmatch(arn)
    if match is None or ".." in arn:
        return None
    folder = os.path.join(rules_folder(), "managed_policies", *match["path"].split("/"))
    try:
        with open(os.path.join(folder, f"{match['name']}.json"), encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_managed_policy(arn: str) -> Policy | None:
    """Return the AWS managed policy with this ARN, read; None if it is not known."""
    from analyzer.iam.role import read_policy

    text = managed_policy(arn)
    return None if text is None else read_policy(text, arn)
