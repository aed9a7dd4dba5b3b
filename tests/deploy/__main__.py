"""`python -m tests.deploy [NAME ...]`: every sample application in moto's server, and a table of what came of it."""

from __future__ import annotations

import sys

from tests.deploy.deployment import APPS, deploy, running_cloud


def main(names: list[str]) -> int:
    """Print the table and what is wrong; return the exit code."""
    wrong: list[str] = []
    total = [0, 0, 0, 0]
    print(f"{'application':20} {'authorized':>10} {'deleted':>8} {'refused':>8} {'unchecked':>10}")
    with running_cloud() as cloud:
        for name in names or sorted(path.parent.name for path in APPS.glob("*/deployment.json")):
            report = deploy(name, cloud)
            counts = [report.authorized, report.deleted, report.refused, report.unchecked]
            total = [one + other for one, other in zip(total, counts, strict=True)]
            wrong += [f"{name}: {one}" for one in report.wrong]
            _print(name, counts)
    _print("all", total)
    print("\n".join(wrong))
    return 1 if wrong else 0


def _print(name: str, counts: list[int]) -> None:
    authorized, deleted, refused, unchecked = counts
    print(f"{name:20} {authorized:10} {deleted:8} {refused:8} {unchecked:10}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
