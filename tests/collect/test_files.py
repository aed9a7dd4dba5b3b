"""Which files belong to a program, and how they are read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analyzer.collect import collect, read_source
from analyzer.errors import InputError
from analyzer.model.program import SourceFile


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def paths(root: Path, *named: str) -> list[str]:
    return [file.path for file in collect(named or ["."], str(root)).files]


def source(root: Path, content: bytes) -> SourceFile:
    path = root / "module.py"
    path.write_bytes(content)
    return SourceFile("module.py", str(path))


def test_all_python_files_below_a_folder_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a/readme.md", "a/data.json", "script", "a.pyi", "b.pyc")
    assert paths(tmp_path) == ["a/b/c.py", "a/z.py", "b.py"]


def test_folders_that_hold_no_source_of_the_program_are_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        "app.py",
        "__pycache__/app.py",
        "node_modules/x/setup.py",
        ".venv/lib/y.py",
        "venv/lib/y.py",
        ".git/hooks/z.py",
        "lib/site-packages/boto3/__init__.py",
        "cdk.out/asset/app.py",
        ".aws-sam/build/Function/app.py",
        "env/pyvenv.cfg",
        "env/lib/python3.12/os.py",
    )
    assert paths(tmp_path) == ["app.py"]


def test_a_folder_that_is_passed_over_can_be_named(tmp_path: Path) -> None:
    write(tmp_path, ".hidden/app.py", "cdk.out/asset/app.py")
    assert paths(tmp_path, ".hidden", "cdk.out") == [".hidden/app.py", "cdk.out/asset/app.py"]


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, "bin/deploy", "src/app.py")
    files = collect(["bin/deploy", "src"], str(tmp_path)).files
    assert [(file.path, file.named) for file in files] == [("bin/deploy", True), ("src/app.py", False)]


def test_paths_are_shown_relative_to_the_working_folder(tmp_path: Path) -> None:
    write(tmp_path, "work/here.py", "other/there.py")
    assert paths(tmp_path / "work", ".", "../other", str(tmp_path / "other")) == ["../other/there.py", "here.py"]


def test_a_file_named_twice_is_one(tmp_path: Path) -> None:
    write(tmp_path, "src/app.py")
    assert paths(tmp_path, "src", "src/app.py", "./src/../src") == ["src/app.py"]


def test_links_to_files_are_followed_unless_they_lead_out_and_those_to_folders_are_not(tmp_path: Path) -> None:
    write(tmp_path, "work/src/a.py", "work/lib/b.py", "outside/secret.py", "outside/more/x.py")
    work = tmp_path / "work"
    (work / "src" / "link.py").symlink_to(work / "src" / "a.py")
    (work / "src" / "near.py").symlink_to("../lib/b.py")
    (work / "src" / "out.py").symlink_to(tmp_path / "outside" / "secret.py")
    (work / "src" / "more").symlink_to(tmp_path / "outside" / "more", target_is_directory=True)
    (work / "src" / "self").symlink_to(work / "src", target_is_directory=True)
    (work / "src" / "broken.py").symlink_to(tmp_path / "nowhere.py")
    files = collect(["src"], str(work)).files
    assert [(file.path, file.outside) for file in files] == [
        ("src/a.py", False), ("src/link.py", False), ("src/near.py", False), ("src/out.py", True),
    ]  # fmt: skip
    with pytest.raises(InputError, match=r"src/out\.py: a link that leads out of the working directory"):
        read_source(files[-1])
    both = collect(["src", "../outside"], str(work)).files
    assert not any(file.outside for file in both), "what it leads to is named as well"


def test_a_loop_of_links_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "src/a.py")
    (tmp_path / "src" / "loop.py").symlink_to("loop.py")
    *_, loop = collect(["src"], str(tmp_path)).files
    with pytest.raises(InputError, match=r"src/loop\.py: cannot be read"):
        read_source(loop)


def test_a_named_link_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "real/app.py")
    (tmp_path / "linked").symlink_to(tmp_path / "real", target_is_directory=True)
    assert paths(tmp_path, "linked") == ["real/app.py"]


@pytest.mark.parametrize("named", [["missing.py"], ["missing/folder"], ["empty"], ["notes"]])
def test_nothing_to_analyse_is_an_error_that_names_the_path(tmp_path: Path, named: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, "notes/readme.md")
    with pytest.raises(InputError, match=named[0]):
        collect(named, str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "src/a.py", "src/closed/b.py")
    (tmp_path / "src" / "closed").chmod(0)
    try:
        with pytest.raises(InputError, match="closed"):
            collect(["src"], str(tmp_path))
    finally:
        (tmp_path / "src" / "closed").chmod(0o755)


# Reading


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("x = 'é'\n".encode(), "x = 'é'\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "# -*- coding: latin-1 -*-\nx = 'é'\n"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'€'\n".encode("cp1252"), None),
        (b"x = 1\r\ny = 2\rz = 3\n", "x = 1\ny = 2\nz = 3\n"),
        (b"", ""),
        (b"x = 1\n\n# coding: latin-1\n", "x = 1\n\n# coding: latin-1\n"),
    ],
    ids=["utf-8", "byte-order-mark", "coding", "coding-in-line-2", "line-ends", "empty", "coding-too-late"],
)
def test_text_is_decoded_as_python_does(tmp_path: Path, content: bytes, text: str | None) -> None:
    read = read_source(source(tmp_path, content))
    assert read == (text if text is not None else content.decode("cp1252"))


def test_bytes_that_are_no_text_are_an_error_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"module\.py:3: not utf-8 text \(byte 0xe9\)"):
        read_source(source(tmp_path, b"a = 1\nb = 2\nc = '\xe9'\n"))


def test_an_unknown_coding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"module\.py:1: unknown coding 'klingon'"):
        read_source(source(tmp_path, b"# coding: klingon\n"))


@pytest.mark.parametrize("coding", ["rot13", "base64", "zlib", "unicode_escape", "utf-16", "idna", "undefined"])
def test_a_coding_that_gives_no_text_of_a_program_is_an_error_or_text(tmp_path: Path, coding: str) -> None:
    try:
        text = read_source(source(tmp_path, f"# coding: {coding}\nx = '\\ud800'\n".encode()))
    except InputError as error:
        assert "module.py" in error.message
    else:
        text.encode("utf-8")


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.py: cannot be read"):
        read_source(SourceFile("gone.py", str(tmp_path / "gone.py")))


def test_a_huge_file_is_an_error(tmp_path: Path) -> None:
    file = source(tmp_path, b"")
    with open(file.absolute, "wb") as stream:
        stream.truncate(4 * 1024 * 1024 + 1)
    with pytest.raises(InputError, match="larger than 4 MiB"):
        read_source(file)
