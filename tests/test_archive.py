"""Code in zip archives, from the command line down: what is read of them, and what hostile ones come to."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from analyzer import archive

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: build/layer.zip}
  Get:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: build/fn.zip
      Handler: pkg.app.handler
      Runtime: python3.12
      Layers: [!Ref Shared]
"""
APP = """\
from pkg import names
from shared import client

def handler(event, context):
    client().get_object(Bucket=names.BUCKET, Key="a")
"""
SHARED = "import boto3\n\ndef client():\n    return boto3.client('s3')\n"
FN = {"pkg/__init__.py": "", "pkg/app.py": APP, "pkg/names.py": "BUCKET = 'data'\n", "README": "x"}
LAYER = {"python/lib/python3.12/site-packages/shared/__init__.py": SHARED}


def packed(members: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in members.items():
            target.writestr(name, text)
    return stream.getvalue()


@pytest.fixture
def app(lpa: Command) -> Command:
    lpa.write("template.yaml", TEMPLATE)
    (lpa.cwd / "build").mkdir()
    (lpa.cwd / "build/fn.zip").write_bytes(packed({**FN}))
    (lpa.cwd / "build/layer.zip").write_bytes(packed({**LAYER}))
    return lpa


def test_code_and_layers_are_read_in_archives(app: Command) -> None:
    done = app("check")
    first, *_ = done.stdout.splitlines()
    assert first.startswith(
        "build/fn.zip/pkg/app.py:5:5: error: s3:GetObject on arn:aws:s3:::data/a is not granted; s3.GetObject needs it"
    )
    assert done.stdout.endswith("1 finding\n")
    assert sorted(path.name for path in app.cwd.rglob("*.py")) == []


def test_an_archive_that_changed_is_read_anew(app: Command) -> None:
    assert "arn:aws:s3:::data/a" in app("check").stdout
    (app.cwd / "build/fn.zip").write_bytes(packed({**FN, "pkg/names.py": "BUCKET = 'other'\n"}))
    assert "arn:aws:s3:::other/a" in app("check").stdout


def test_an_archive_is_a_source(app: Command) -> None:
    (app.cwd / "layer.zip").write_bytes(packed({"python/shared.py": SHARED}))
    done = app("scan", "build/fn.zip", "layer.zip", "--handler", "pkg.app.handler")
    assert done.stdout.startswith("build/fn.zip/pkg/app.py:5:5: s3.GetObject (direct, certain)")


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "..\\evil.py", "C:/evil.py"])
def test_names_that_lead_out_are_told_and_passed_over(app: Command, name: str) -> None:
    # An archive's writer turns backslashes of Windows into slashes, so they are put in behind its back.
    data = packed({**FN, name.replace("\\", "|"): "import boto3\n"}).replace(b"..|evil", b"..\\evil")
    (app.cwd / "build/fn.zip").write_bytes(data)
    done = app("check")
    assert (done.returncode, done.stderr) == (1, "")
    assert (
        f"template.yaml:9:16: warning: unreadable file: build/fn.zip is read without {name!r}, which leads out of it"
        in done.stdout
    )
    assert "build/fn.zip/pkg/app.py:5:5: error: s3:GetObject" in done.stdout


def test_links_are_told_and_passed_over(app: Command) -> None:
    with zipfile.ZipFile(app.cwd / "build/fn.zip", "a") as target:
        target.writestr(link("pkg/passwords.py"), "/etc/passwd")
        target.writestr(link("bin/tool.js"), "../tool.js")
    found = archive.open_archive(str(app.cwd / "build/fn.zip"), "fn.zip")
    assert found.refused == ("'pkg/passwords.py', which is a link",)
    assert "pkg/passwords.py" not in found.files
    assert "'pkg/passwords.py', which is a link" in app("check").stdout


def test_encrypted_entries_are_told(app: Command) -> None:
    data = bytearray(packed({**FN}))
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        if data[at + 46 : at + 56] == b"pkg/app.py":
            data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    (app.cwd / "build/fn.zip").write_bytes(bytes(data))
    done = app("check")
    assert (done.returncode, done.stderr) == (1, "")
    assert "'pkg/app.py', which is encrypted" in done.stdout
    assert "there is no module for the handler pkg.app.handler in build/fn.zip" in done.stdout


def bomb() -> bytes:
    return packed({f"pkg/big{number}.py": b"#" * (4 * 1024 * 1024) for number in range(17)})


def changed(data: bytes, local: int, central: int) -> bytes:
    """Return an archive of one entry with another number in its two headers, at these places."""
    found = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", local), (b"PK\x01\x02", central)):
        struct.pack_into("<I", found, found.index(signature) + offset, 16)
    return bytes(found)


MEGABYTES = packed({"pkg/app.py": b"#" * (8 * 1024 * 1024)})


DAMAGED = {
    "no archive": (b"plain text", "not a zip archive"),
    "empty": (b"", "not a zip archive"),
    "cut off": (packed({**FN})[:-30], "not a zip archive"),
    "wrong content": (changed(packed({**FN}), 14, 16), "not a zip archive that can be read: Bad CRC-32"),
    "a bomb": (bomb(), "unpacks to more than 64 MiB of Python"),
    "sizes that are not true": (changed(MEGABYTES, 22, 24), "not a zip archive that can be read"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_archives_that_cannot_be_read_are_findings(app: Command, name: str) -> None:
    data, words = DAMAGED[name]
    (app.cwd / "build/fn.zip").write_bytes(data)
    done = app("check")
    assert (done.returncode, done.stderr) == (1, "")
    assert "template.yaml:" in done.stdout
    assert words in done.stdout


def test_a_layer_that_cannot_be_read_is_told(app: Command) -> None:
    (app.cwd / "build/layer.zip").write_bytes(b"")
    assert (
        "template.yaml:5:30: warning: code not found: an archive with code cannot be read: build/layer.zip"
        in app("check").stdout
    )
    (app.cwd / "build/layer.zip").unlink()
    assert (
        "template.yaml:5:30: warning: code not found: there is no build/layer.zip, the content of the layer"
        in app("check").stdout
    )


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 2)
    (tmp_path / "a.zip").write_bytes(packed({**FN}))
    with pytest.raises(archive.InputError, match=r"a\.zip: holds more than 2 entries"):
        archive.open_archive(str(tmp_path / "a.zip"), "a.zip")
