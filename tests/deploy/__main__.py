"""`python -m tests.deploy [NAME ...]`: every sample application in moto's server, and a table of what came of it.

Below the table: the grants whose deletion is not tried, by reason, and the sample applications that are not deployed.
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.deploy.deployment import APPS, REASONS, Report, deploy, running_cloud

_COLUMNS = ("functions", "authorized", "deleted", "refused", "unchecked")


def main(names: list[str]) -> int:
    """Print the table and what is wrong; return the exit code."""
    total: Counter[str] = Counter()
    reports = []
    print(f"{'application':12}", *(f"{one:>10}" for one in _COLUMNS))
    with running_cloud() as cloud:
        for name in names or sorted(path.parent.name for path in APPS.glob("*/deployment.json")):
            reports.append(deploy(name, cloud))
            counts = _counts(reports[-1])
            total.update(counts)
            _print(name, counts)
    _print("all", total)
    _print_unchecked(reports)
    if not names:
        alone = sorted(one.name for one in APPS.iterdir() if one.is_dir() and not (one / "deployment.json").exists())
        print(f"\nNot deployed: {', '.join(alone)}.")
    wrong = [f"{report.name}: {one}" for report in reports for one in report.wrong]
    print("\n".join(["", *wrong]) if wrong else "")
    return 1 if wrong else 0


def _counts(report: Report) -> dict[str, int]:
    numbers = (report.functions, report.authorized, report.deleted, report.refused, len(report.unchecked))
    return dict(zip(_COLUMNS, numbers, strict=True))


def _print(name: str, counts: dict[str, int]) -> None:
    print(f"{name:12}", *(f"{counts[one]:10}" for one in _COLUMNS), flush=True)


def _print_unchecked(reports: list[Report]) -> None:
    for reason, why in REASONS.items():
        found = Counter(
            (report.name, function, grant.action)
            for report in reports
            for function, grant, one in report.unchecked
            if one == reason
        )
        if found:
            print(f"\nNot tried, since {why}: {found.total()}")
        for app, function, action in sorted(found):
            print(f"  {app}/{function}: {action}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
