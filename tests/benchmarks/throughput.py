"""How long `lpa scan` takes for 1,000 real files, against `ast.parse` of the same files: `throughput.py FOLDER`.

Whole processes, the interpreter's start included in both. Goal: at most 3.0. `cold` starts with an empty cache, and so
also builds the index of every service that the files use.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from itertools import islice
from pathlib import Path

FILES = 1000
ROUNDS = 3

PARSE = """\
import ast, sys, warnings
warnings.simplefilter("ignore")
for path in sys.stdin.read().splitlines():
    with open(path, "rb") as file:
        ast.parse(file.read())
"""


def main(folder: Path) -> None:
    """Print the time for each file and the ratios."""
    with tempfile.TemporaryDirectory() as work:
        sample = _copy_sample(folder, Path(work, "files"))
        cache = Path(work, "cache")
        parse = min(_run([sys.executable, "-c", PARSE], cache, "\n".join(map(str, sample))) for _ in range(ROUNDS))
        scan = [str(Path(sys.executable).with_name("lpa")), "scan", "--format", "json", str(Path(work, "files"))]
        times = {"cold": _run(scan, cache), "warm": min(_run(scan, cache) for _ in range(ROUNDS))}
    print(f"{len(sample)} files of {folder}")
    print(f"ast.parse {parse / len(sample) * 1000:8.2f} ms a file")
    for name, seconds in times.items():
        each, ratio = seconds / len(sample) * 1000, seconds / parse
        print(f"{name:<10}{each:8.2f} ms a file, ratio {ratio:5.2f}  (goal: at most 3.0)")


def _copy_sample(folder: Path, target: Path) -> list[Path]:
    """Copy the first FILES files below `folder` that are not empty and that this Python parses.

    They keep their places, and come package by package, so that most of their imports of each other still resolve.
    """
    usable = (path for path in sorted(folder.rglob("*.py")) if path.stat().st_size and _parses(path))
    sample = []
    for source in islice(usable, FILES):
        copy = target / source.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        sample.append(copy)
    return sample


def _parses(path: Path) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(path.read_bytes())
        except (SyntaxError, ValueError):
            return False
    return True


def _run(command: list[str], cache: Path, text: str = "") -> float:
    started = time.perf_counter()
    subprocess.run(
        command,
        env=os.environ | {"LPA_CACHE_DIR": str(cache)},
        input=text.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


if __name__ == "__main__":
    main(Path(sys.argv[1]))
