"""What `lpa check` says of the mutants, held against what it has to say.

`python -m tests.compare.mutations` runs the command on all of them and prints how many there are of each kind.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from subprocess import run

from tests.compare.mutants import APPS, Document, Mutant, Said, apps, mutants, options

LPA = Path(sys.executable).with_name("lpa")


def said(finding: Document) -> Said:
    """Return what a finding, as `--format json` prints it, says; the line only where it is at the policy."""
    message = finding["message"]
    check = finding["check"]
    patterns = {
        "missing-permission": r"(\S+) on .* is (?:not granted|not allowed|denied)",
        "undecided-permission": r"(\S+) may be missing|the managed policy \S*/(\S+):",
        "unused-permission": r"no call uses (\S+) on",
        "broad-permission": r"(\S+)(?: on .*?| without .*?)? is more than needed",
        "broad-managed-policy": r"(?:the|no call uses what the) AWS managed policy (\S+) allows",
    }
    match = re.match(patterns[check], message)
    assert match, message
    action = next(group for group in match.groups() if group)
    is_of_grant = check in ("unused-permission", "broad-permission")
    return Said(check, action, finding["line"] if is_of_grant else 0)


def faults(mutant: Mutant, findings: list[Document]) -> list[str]:
    """Say what is wrong with `findings`, but for what the analysis of the source left open, whatever the policy."""
    found = [finding for finding in findings if finding["check"] != "incomplete-analysis"]
    what = {said(finding) for finding in found}
    wrong = [f"not expected: {one}" for one in sorted(what - mutant.expected - mutant.possible)]
    wrong += [f"expected: {one}" for one in sorted(mutant.expected - what)]
    grants_named = [said(finding) for finding in found if said(finding).line]
    wrong += [f"twice: {one}" for one, count in Counter(grants_named).items() if count > 1]
    wrong += [
        f"does not mention {word}: {finding['message']}"
        for finding in found
        for word in mutant.named
        if said(finding).line and word not in finding["message"]
    ]
    named = {
        resource
        for finding in found
        if finding["check"] == "missing-permission"
        for resource in re.findall(r" on (.*?)(?: under .*)? is (?:not granted|not allowed|denied)", finding["message"])
    }
    if mutant.resources:
        wrong += [f"resource not named: {one}" for one in sorted(mutant.resources - named)]
        wrong += [
            f"resource wrongly named: {one}"
            for one in sorted(named)
            if not any(fnmatchcase(one, resource) for resource in mutant.resources)
        ]
    return wrong


def checked(mutant: Mutant, folder: Path) -> list[Document]:
    """Return the findings of the command `lpa check` on `mutant`."""
    name = f"{mutant.app}-{abs(hash(mutant.text))}.json"
    policy = folder / name
    policy.write_text(mutant.text, encoding="utf-8")
    command = [LPA, "check", policy, "--source", "src", "--format", "json", *options(mutant.app)]
    done = run(command, cwd=APPS / mutant.app, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode in (0, 1), done.stderr
    findings: list[Document] = json.loads(done.stdout)["findings"]
    return findings


def main() -> int:
    """Run the command on all mutants; print what is wrong, and the counts by kind."""
    counts: Counter[str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        tried = [mutant for app in apps() for mutant in mutants(app)]
        for mutant, findings in zip(tried, pool.map(lambda one: checked(one, Path(folder)), tried), strict=True):
            counts[mutant.kind] += 1
            wrong = faults(mutant, findings)
            failed += bool(wrong)
            for fault in wrong:
                print(f"{mutant.app}: {mutant.kind}: {mutant.what}: {fault}")
    for kind, count in sorted(counts.items()):
        print(f"{count:6} {kind}")
    print(f"{counts.total():6} mutants of {len(apps())} policies, {failed} not reported exactly")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
