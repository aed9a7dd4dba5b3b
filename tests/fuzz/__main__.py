"""Fuzzes the inputs, led by coverage: `python -m tests.fuzz SECONDS [TARGET...]`, each target for so many seconds.

What breaks a command is left in `.fuzz/<target>/`; it belongs into tests/fuzz/test_inputs.py, made smaller.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

_FOUND = Path(".fuzz")


def main(seconds: int, names: list[str]) -> int:
    """Fuzz in a process for each target, as one of them ends with the first input that breaks it."""
    from tests.fuzz.targets import TARGETS

    broken = 0
    for name in names or TARGETS:
        corpus = _FOUND / name / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(TARGETS[name].seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=4096", "-max_len=20000"]
        options += [f"-artifact_prefix={_FOUND / name}/", str(corpus)]
        done = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--led", name, *options],
            capture_output=True, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        counts = re.findall(r"^#(\d+)", done.stderr, re.MULTILINE)
        print(f"{name}: {counts[-1] if counts else 0} executions, {'broken' if done.returncode else 'nothing found'}")
        if done.returncode:
            broken += 1
            print("\n".join(done.stderr.splitlines()[-25:]))
    return 1 if broken else 0


def _led(name: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["analyzer"], enable_loader_override=False):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    target.seeds()
    atheris.Setup([sys.argv[0], *options], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1] == "--led":
        _led(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
