from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from analyzer.cli.role_file import read_text, replace
from analyzer.errors import InputError


def test_a_file_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    assert read_text(str(tmp_path / "role.json")) is None


def test_line_ends_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "role.json").write_bytes(b"{\r\n}\n")
    assert read_text(str(tmp_path / "role.json")) == "{\r\n}\n"


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    path = tmp_path / "role.json"
    previous = os.umask(0o027)
    try:
        replace(str(path), "{}\n")
    finally:
        os.umask(previous)
    assert path.read_text() == "{}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_mode_of_an_existing_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "role.json"
    path.write_text("old")
    path.chmod(0o604)
    replace(str(path), "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_owner_of_an_existing_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "role.json"
    path.write_text("old")
    os.chown(path, 65534, 65534)
    replace(str(path), "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


def test_the_target_of_a_symbolic_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real/role.json", tmp_path / "role.json"
    target.write_text("old")
    link.symlink_to(target)
    replace(str(link), "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_symbolic_link_to_nothing_gets_its_target(tmp_path: Path) -> None:
    link = tmp_path / "role.json"
    link.symlink_to(tmp_path / "target.json")
    replace(str(link), "new")
    assert (tmp_path / "target.json").read_text() == "new"


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    replace(str(tmp_path / "role.json"), "{}\n")
    assert os.listdir(tmp_path) == ["role.json"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "role.json"
    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        with pytest.raises(InputError, match=r"role\.json: cannot be written: File too large"):
            replace(str(path), "new" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["role.json"]


@pytest.mark.parametrize("name", ["missing/role.json", "file/role.json", ""])
def test_places_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as caught:
        replace(name, "{}\n")
    assert str(caught.value).startswith(f"{name}: cannot be written: ")
    assert caught.value.hint
    assert os.listdir(tmp_path) == ["file"]


def test_a_loop_of_symbolic_links_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "role.json").symlink_to("role.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_text(str(tmp_path / "role.json"))


@pytest.mark.parametrize("name", ["folder", "pipe"])
def test_what_is_no_regular_file_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_text(str(tmp_path / name))


def test_what_is_not_utf_8_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "role.json").write_bytes(b'{"Sid": "\xff"}')
    with pytest.raises(InputError, match=r"role\.json: not UTF-8 \(byte 10\)"):
        read_text(str(tmp_path / "role.json"))
