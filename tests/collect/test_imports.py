"""Which file an import means, in the layouts that Lambda code comes in."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.collect import collect
from analyzer.model.program import Program


class Layout:
    """A program of empty files, and what imports in it lead to."""

    def __init__(self, root: Path, files: str, named: str = ".") -> None:
        self.root = root
        for name in files.split():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        self.program: Program = collect(named.split(), str(root))

    def find(self, module: str, importer: str, level: int = 0) -> str | None:
        """Return the path of the file that is meant, a folder with a trailing slash, or None."""
        [file] = [file for file in self.program.files if file.path == importer]
        found = self.program.find(module, level, file)
        if found is None:
            return None
        if found.file is not None:
            return found.file.path
        return str(Path(found.folder or "").relative_to(self.root)) + "/"


@pytest.mark.parametrize(
    ("files", "importer", "module", "level", "expected"),
    [
        # Siblings and packages.
        ("app.py helper.py", "app.py", "helper", 0, "helper.py"),
        ("app.py pkg/__init__.py pkg/mod.py", "app.py", "pkg", 0, "pkg/__init__.py"),
        ("app.py pkg/__init__.py pkg/mod.py", "app.py", "pkg.mod", 0, "pkg/mod.py"),
        ("app.py pkg/__init__.py pkg/sub/__init__.py", "app.py", "pkg.sub", 0, "pkg/sub/__init__.py"),
        ("app.py pkg/__init__.py", "app.py", "pkg.gone", 0, None),
        ("app.py", "app.py", "requests", 0, None),
        # A package wins over a module of the same name, as in Python.
        ("app.py both.py both/__init__.py", "app.py", "both", 0, "both/__init__.py"),
        # A module wins over a folder without __init__.py, as in Python.
        ("app.py both.py both/other.py", "app.py", "both", 0, "both.py"),
        # Inside a package, absolute names start at the folder above it.
        ("pkg/__init__.py pkg/a.py pkg/b.py b.py", "pkg/a.py", "b", 0, "b.py"),
        ("pkg/__init__.py pkg/a.py pkg/b.py", "pkg/a.py", "pkg.b", 0, "pkg/b.py"),
        ("top/pkg/__init__.py top/pkg/a.py top/other/__init__.py", "top/pkg/a.py", "other", 0, "top/other/__init__.py"),
        # Relative imports.
        ("pkg/__init__.py pkg/a.py pkg/b.py b.py", "pkg/a.py", "b", 1, "pkg/b.py"),
        ("pkg/__init__.py pkg/a.py", "pkg/a.py", "", 1, "pkg/__init__.py"),
        ("pkg/__init__.py pkg/b.py", "pkg/__init__.py", "b", 1, "pkg/b.py"),
        ("pkg/__init__.py pkg/x/__init__.py pkg/x/a.py pkg/y.py", "pkg/x/a.py", "y", 2, "pkg/y.py"),
        ("pkg/x/a.py pkg/y/b.py", "pkg/x/a.py", "y.b", 2, "pkg/y/b.py"),
        ("app.py b.py", "app.py", "b", 1, "b.py"),
        ("pkg/__init__.py pkg/a.py", "pkg/a.py", "gone", 1, None),
        ("pkg/__init__.py pkg/a.py", "pkg/a.py", "x", 5, None),
        # Namespace packages.
        ("app.py ns/mod.py", "app.py", "ns.mod", 0, "ns/mod.py"),
        ("app.py ns/mod.py", "app.py", "ns", 0, "ns/"),
        ("lambda/a/main.py lambda/helper/python/helper.py", "lambda/a/main.py", "helper", 0,
         "lambda/helper/python/helper.py"),
        ("app.py ns/deep/mod.py", "app.py", "ns.deep.mod", 0, "ns/deep/mod.py"),
        # src/, Lambda layers, one folder per function.
        ("tests/test_a.py src/pkg/__init__.py src/pkg/a.py", "tests/test_a.py", "pkg.a", 0, "src/pkg/a.py"),
        ("functions/one/app.py layers/common/python/shared/__init__.py", "functions/one/app.py", "shared", 0,
         "layers/common/python/shared/__init__.py"),
        ("functions/one/app.py layers/common/python/util.py", "functions/one/app.py", "util", 0,
         "layers/common/python/util.py"),
        ("functions/one/app.py layer/python/lib/python3.12/site/x.py layer/python/y.py", "functions/one/app.py", "y", 0,
         "layer/python/y.py"),
        ("functions/one/app.py functions/two/app.py functions/one/dep.py", "functions/one/app.py", "dep", 0,
         "functions/one/dep.py"),
        ("functions/one/app.py functions/shared/store.py", "functions/one/app.py", "shared.store", 0,
         "functions/shared/store.py"),
        ("functions/one/app.py functions/shared/store.py", "functions/one/app.py", "functions.shared.store", 0,
         "functions/shared/store.py"),
        # Each function has modules of the same name: its own is meant.
        ("one/app.py one/config.py two/app.py two/config.py", "one/app.py", "config", 0, "one/config.py"),
        ("one/app.py one/config.py two/app.py two/config.py", "two/app.py", "config", 0, "two/config.py"),
        # Several places fit: the nearest is meant.
        ("src/old.py x/lambda/one/app.py x/lambda/dep/python/old.py", "x/lambda/one/app.py", "old", 0,
         "x/lambda/dep/python/old.py"),
        # A stray __init__.py next to the handler.
        ("fn/api/__init__.py fn/api/app.py fn/api/dep/x.py", "fn/api/app.py", "dep.x", 0, "fn/api/dep/x.py"),
        ("fn/api/__init__.py fn/api/r/__init__.py fn/api/r/a.py fn/api/dep/__init__.py", "fn/api/r/a.py", "dep", 0,
         "fn/api/dep/__init__.py"),
        # Several places fit equally: none is guessed.
        ("app/main.py x/python/shared.py y/python/shared.py", "app/main.py", "shared", 0, None),
        # The SDK is never the program's, the standard library only where Python itself would take the file.
        ("app/main.py vendor/boto3/__init__.py", "app/main.py", "boto3", 0, None),
        ("app/main.py lib/json.py", "app/main.py", "json", 0, None),
        ("app/main.py lib/logging/__init__.py", "app/main.py", "logging", 0, None),
        ("app/main.py app/logging.py", "app/main.py", "logging", 0, "app/logging.py"),
        ("app/main.py lib/utils.py", "app/main.py", "utils", 0, "lib/utils.py"),
    ],
)  # fmt: skip
def test_import(tmp_path: Path, files: str, importer: str, module: str, level: int, expected: str | None) -> None:
    assert Layout(tmp_path, files).find(module, importer, level) == expected


def test_files_outside_the_named_folders_are_not_taken(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "src/app.py other/secret.py secret2.py", named="src")
    assert layout.find("secret", "src/app.py") is None
    assert layout.find("secret2", "src/app.py") is None
    assert layout.find("secret2", "src/app.py", level=2) is None


def test_a_named_file_brings_its_siblings(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "app.py helper.py pkg/__init__.py pkg/a.py", named="app.py")
    assert [file.path for file in layout.program.files] == ["app.py"]
    assert layout.find("helper", "app.py") == "helper.py"
    assert layout.find("pkg.a", "app.py") == "pkg/a.py"


def test_a_named_file_in_a_package_brings_the_package(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "top/pkg/__init__.py top/pkg/a.py top/pkg/b.py top/c.py", named="top/pkg/a.py")
    assert layout.find("b", "top/pkg/a.py", level=1) == "top/pkg/b.py"
    assert layout.find("pkg.b", "top/pkg/a.py") == "top/pkg/b.py"
    assert layout.find("c", "top/pkg/a.py") == "top/c.py"


def test_layers_named_apart(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "function/app.py layer/python/shared/__init__.py", named="function layer/python")
    assert layout.find("shared", "function/app.py") == "layer/python/shared/__init__.py"


def test_submodule_of_a_package(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "pkg/__init__.py pkg/a.py pkg/sub/b.py")
    found = layout.program.find_in(str(tmp_path / "pkg"), "a")
    assert found is not None and found.file is not None and found.file.path == "pkg/a.py"
    folder = layout.program.find_in(str(tmp_path / "pkg"), "sub")
    assert folder is not None and folder.file is None and folder.folder == str(tmp_path / "pkg" / "sub")
    assert layout.program.find_in(str(tmp_path / "pkg"), "gone") is None
    assert layout.program.find_in(str(tmp_path.parent), tmp_path.name + "x") is None


def test_imports_lead_through_links_as_in_python_but_nothing_outside_is_read(tmp_path: Path) -> None:
    outside, tmp_path = tmp_path / "outside", tmp_path / "work"
    outside.mkdir()
    (tmp_path / "outside").mkdir(parents=True)
    (outside / "far.py").write_text("")
    (tmp_path / "outside" / "store.py").write_text("")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "store.py").symlink_to(tmp_path / "outside" / "store.py")
    (tmp_path / "src" / "shared").symlink_to(tmp_path / "outside", target_is_directory=True)
    (tmp_path / "src" / "away").symlink_to(outside, target_is_directory=True)
    (tmp_path / "src" / "broken.py").symlink_to(tmp_path / "nowhere.py")
    layout = Layout(tmp_path, "src/app.py", named="src")
    assert layout.find("store", "src/app.py") == "src/store.py"
    assert layout.find("shared.store", "src/app.py") == "src/shared/store.py"
    assert layout.find("broken", "src/app.py") is None
    [near, far] = [layout.program.find(name, 0, layout.program.files[0]) for name in ("shared.store", "away.far")]
    assert near is not None and near.file is not None and not near.file.outside
    assert far is not None and far.file is not None and far.file.outside


def test_excluded_folders_are_not_imported_from_elsewhere(tmp_path: Path) -> None:
    layout = Layout(tmp_path, "app/main.py .venv/lib/requests/__init__.py build/venv/x.py node_modules/y.py")
    assert layout.find("requests", "app/main.py") is None
    assert layout.find("x", "app/main.py") is None
    assert layout.find("y", "app/main.py") is None


def test_an_empty_folder_is_no_module(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.json").write_text("{}")
    layout = Layout(tmp_path, "app.py")
    assert layout.find("empty", "app.py") is None
    assert layout.find("data", "app.py") is None
