"""Download real code that uses boto3 and that nobody here wrote: `download_corpus.py FOLDER`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGES = (
    "awswrangler==3.17.1",
    "chalice==1.34.0",
    "zappa==0.63.0",
    "apache-airflow-providers-amazon==9.39.0",
    "prowler==5.46.0",
)


def download(folder: Path) -> None:
    """Put the sources of PACKAGES below `folder`, one folder for each."""
    wheels = folder.with_name(f"{folder.name}-wheels")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    # Nothing of them is installed or run, so what they ask of Python and of the platform does not matter.
    any_python = ["--python-version", "3.12", "--ignore-requires-python"]
    subprocess.run([*pip, *any_python, "--dest", wheels, *PACKAGES], check=True)
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / wheel.name.split("-")[0])


if __name__ == "__main__":
    download(Path(sys.argv[1]))
