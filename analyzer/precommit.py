"""The hook of lpa in a `.pre-commit-config.yaml`: whether it is there, and the file with it, otherwise as it was.

Source: https://pre-commit.com/#adding-pre-commit-plugins-to-your-project.
"""

from __future__ import annotations

from typing import Final

from analyzer.iam.positioned_json import Array, Json, Object, Scalar
from analyzer.iam.positioned_yaml import parse_yaml
from analyzer.templates.editing import Edits

CONFIG: Final = ".pre-commit-config.yaml"
HOOK: Final = (
    "- repo: local",
    "  hooks:",
    "    - id: lpa-check",
    "      name: lpa check",
    "      entry: lpa check --changed",
    "      language: system",
    "      types_or: [python, json, yaml, toml, dockerfile]",
    "      require_serial: true",
)
"""The hook as lines: it runs the installed `lpa` on the files that are to be committed."""


def has_hook(text: str) -> bool:
    """Say whether the configuration `text` has a hook of lpa. Raises InputError if it is not YAML."""
    root = parse_yaml(text, CONFIG)
    return any(
        _text(hook, "id").startswith("lpa-")
        for repository in _items(root, "repos")
        for hook in _items(repository, "hooks")
    )


def with_hook(text: str) -> str | None:
    """Return the configuration `text` with the hook behind all others; None where that cannot be done in place.

    Raises InputError if it is not YAML.
    """
    root = parse_yaml(text, CONFIG)
    repositories = root.members.get("repos") if isinstance(root, Object) else None
    edits = Edits(text)
    if not isinstance(repositories, Array) or not repositories.items or edits.is_flow(repositories):
        return None
    indentation = " " * (repositories.location.start_column - 1)
    edits.insert_lines(edits.last_line(repositories.items[-1].location), [indentation + line for line in HOOK])
    changed = edits.applied()
    # A layout that nobody thought of must not cost a line of what was there.
    after = parse_yaml(changed, CONFIG)
    added = parse_yaml("\n".join(HOOK), CONFIG)
    is_sound = isinstance(added, Array) and _plain(_appended(root, added)) == _plain(after)
    return changed if is_sound else None


def _appended(root: Json, added: Array) -> Json:
    if not isinstance(root, Object):
        return root
    before = root.members["repos"]
    every = Array((*(before.items if isinstance(before, Array) else ()), *added.items), before.location)
    return Object({**root.members, "repos": every}, root.key_locations, root.location)


def _plain(value: Json) -> object:
    match value:
        case Object():
            return {key: _plain(member) for key, member in value.members.items()}
        case Array():
            return [_plain(item) for item in value.items]
        case Scalar():
            return value.value


def _items(value: Json, key: str) -> tuple[Json, ...]:
    found = value.members.get(key) if isinstance(value, Object) else None
    return found.items if isinstance(found, Array) else ()


def _text(value: Json, key: str) -> str:
    found = value.members.get(key) if isinstance(value, Object) else None
    return str(found.value) if isinstance(found, Scalar) else ""
