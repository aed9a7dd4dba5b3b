"""A second `lpa check` of a generated repository of 300 functions against the first; goal at most 0.2.

Whole processes: the first with an empty cache, then again, then with one handler changed, and `lpa check --changed` for
that handler against `python -c "import boto3"` (goal at most 1.0). What is printed are seconds and ratios of one run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from repository import write_roles, write_sam

COUNT = 300
ROUNDS = 3
LPA = str(Path(sys.executable).with_name("lpa"))


def main() -> None:
    """Print the figures of both kinds of repository."""
    for kind in ("template", "configuration"):
        with tempfile.TemporaryDirectory() as folder:
            _measure(kind, Path(folder, "repository"), os.environ | {"LPA_CACHE_DIR": os.path.join(folder, "cache")})


def _measure(kind: str, folder: Path, environment: dict[str, str]) -> None:
    folder.mkdir()
    if kind == "template":
        write_sam(folder, COUNT)
        (folder / "lpa.toml").write_text('[[templates]]\nfile = "template.yaml"\n', encoding="utf-8")
    else:
        functions = "".join(one.table() for one in write_roles(folder, COUNT))
        place = 'account = "123456789012"\nregion = "eu-west-1"\n\n'
        (folder / "lpa.toml").write_text(place + functions, encoding="utf-8")
    check = [LPA, "check", "--all"]
    first = _seconds(check, folder, environment)
    second = min(_seconds(check, folder, environment) for _ in range(ROUNDS))
    handler = sorted(folder.rglob("functions/*_1*.py"))[0]
    changed = []
    hook = []
    boto3 = []
    for number in range(ROUNDS):
        handler.write_text(handler.read_text(encoding="utf-8") + f"\n# {number}\n", encoding="utf-8")
        hook.append(_seconds([LPA, "check", "--changed", str(handler.relative_to(folder))], folder, environment))
        boto3.append(_seconds([sys.executable, "-c", "import boto3"], folder, environment))
        changed.append(_seconds(check, folder, environment))
    print(f"{kind} of {COUNT} functions: first {first:.2f} s")
    print(f"  second {second:.2f} s, ratio {second / first:.2f}; one handler changed {min(changed):.2f} s")
    print(f"  --changed, one handler {min(hook):.2f} s, import boto3 {min(boto3):.2f} s, {min(hook) / min(boto3):.1f}")


def _seconds(command: list[str], folder: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False, text=True)
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
