"""The findings that a repository has agreed to live with: recorded once, and passed over from then on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

from analyzer.checks.fingerprint import fingerprints, without_places
from analyzer.errors import InputError
from analyzer.model.findings import Finding
from analyzer.reading import read_bytes

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A recorded finding: the `policy` file that was checked, what the finding said, and what it is known by."""

    policy: str
    file: str
    check: str
    message: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Remainder:
    """What a baseline leaves: the `new` findings, and the entries for the same policy that are `gone`."""

    new: tuple[Finding, ...]
    gone: tuple[Entry, ...]


def entries_of(findings: Sequence[Finding], policy: str, root: str) -> tuple[Entry, ...]:
    """Return an entry for each finding of a check of `policy`; `root` is the folder that paths are relative to."""
    return tuple(
        Entry(policy, finding.location.path, finding.check, without_places(finding.message), fingerprint)
        for finding, fingerprint in zip(findings, fingerprints(findings, root), strict=True)
    )


def remainder(findings: Sequence[Finding], entries: Iterable[Entry], policy: str, root: str) -> Remainder:
    """Return which findings of a check of `policy` are not recorded, and which records have no finding any more."""
    recorded = {entry.fingerprint: entry for entry in entries if entry.policy == policy}
    found = entries_of(findings, policy, root)
    new = tuple(finding for finding, entry in zip(findings, found, strict=True) if entry.fingerprint not in recorded)
    known = {entry.fingerprint for entry in found}
    return Remainder(new, tuple(sorted(entry for entry in recorded.values() if entry.fingerprint not in known)))


def read_entries(path: str) -> tuple[Entry, ...] | None:
    """Return what the baseline at `path` records, or None if there is no such file.

    Raises InputError if it cannot be read or is no baseline.
    """
    try:
        document = json.loads(read_bytes(path, path).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, "not JSON") from error
    if not isinstance(document, dict) or "version" not in document:
        raise _damaged(path, "not a baseline of lpa")
    if document["version"] != _VERSION:
        raise InputError(f"{path}: version {document['version']!r} is not known", "upgrade lpa")
    listed = document.get("findings")
    if not isinstance(listed, list):
        raise _damaged(path, "no list of findings")
    return tuple(_entry(item, number, path) for number, item in enumerate(listed, start=1))


def written(entries: Iterable[Entry], policies: Collection[str], others: Iterable[Entry]) -> str:
    """Return the content of a baseline with `entries` for `policies`, and of `others` what is for other policies."""
    every = sorted({*entries, *(entry for entry in others if entry.policy not in policies)})
    return json.dumps({"version": _VERSION, "findings": [asdict(entry) for entry in every]}, indent=2) + "\n"


def _entry(item: object, number: int, path: str) -> Entry:
    if isinstance(item, dict):
        texts = [text for field in fields(Entry) if isinstance(text := item.get(field.name), str)]
        if len(texts) == len(fields(Entry)):
            return Entry(*texts)
    raise _damaged(path, f"finding {number} lacks one of {', '.join(field.name for field in fields(Entry))}")


def _damaged(path: str, what: str) -> InputError:
    return InputError(f"{path}: {what}", f"restore it, or remove it and run lpa check --write-baseline {path}")
