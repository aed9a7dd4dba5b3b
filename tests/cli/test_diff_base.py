"""`lpa diff --base`: the working tree against a revision, with a real git."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_configuration import CONFIG, ORDERS, ORDERS_POLICY, QUEUE, QUEUE_POLICY, SHARED, TEMPLATE, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.com")
DELETES = SHARED + '    s3.delete_object(Bucket="archive", Key="x")\n'


def git(folder: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "HOME": str(folder)}
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    return done.stdout.decode()


def commit(lpa: Command) -> None:
    git(lpa.cwd, "add", "--all")
    git(lpa.cwd, "commit", "--quiet", "--no-verify", "-m", "state")


@pytest.fixture
def repository(lpa: Command) -> Command:
    git(lpa.cwd, "init", "--quiet")
    for name, content in (
        ("lpa.toml", CONFIG),
        ("src/orders.py", ORDERS),
        ("src/queue_sender.py", QUEUE),
        ("src/shared.py", SHARED),
        ("policies/orders.json", ORDERS_POLICY),
        ("policies/queue.json", QUEUE_POLICY),
    ):
        lpa.write(name, content)
    commit(lpa)
    return lpa


def test_nothing_changed(repository: Command) -> None:
    repository.write("src/shared.py", "# moved\n\n" + SHARED)
    done = repository("diff", "--base", "HEAD", "--fail-on", "any")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "the access of no function has changed since HEAD\n"


def test_what_code_and_policies_add(repository: Command) -> None:
    repository.write("src/shared.py", DELETES)
    needs = repository("diff", "--base", "HEAD", "--fail-on", "added")
    assert needs.returncode == 1
    assert needs.stdout.splitlines() == [
        "orders",
        "  + needs s3:DeleteObject on arn:aws:s3:::archive/x",
        "      src/shared.py:3:5",
        "new: src/shared.py:3:5: error: s3:DeleteObject on arn:aws:s3:::archive/x is not granted; "
        "s3.DeleteObject needs it (reached through orders > handler > archive) [missing-permission]",
        "1 need added, 1 new finding since HEAD",
    ]
    assert repository("diff", "--base", "HEAD", "--fail-on", "removed").returncode == 0
    commit(repository)
    repository.write("policies/orders.json", policy(s3_GetObject="*"))
    document = json.loads(repository("diff", "--all", "--base", "HEAD", "--format", "json").stdout)
    (changed,) = document["functions"]
    assert (changed["function"], changed["state"], changed["needs"]) == (
        "orders",
        "changed",
        {"added": [], "removed": []},
    )
    assert [(one["actions"], one["resource"]) for one in changed["grants"]["added"]] == [(["s3:GetObject"], "*")]
    assert [(one["actions"], one["resource"]) for one in changed["grants"]["removed"]] == [
        (["s3:PutObject"], "arn:aws:s3:::archive/x")
    ]
    new = [(one["policy"], one["finding"]["check"]) for one in document["findings"]["new"]]
    assert new == [("policies/orders.json", "broad-permission"), ("policies/orders.json", "missing-permission")]
    assert document["findings"]["gone"] == []
    back = json.loads(repository("diff", "--base", "HEAD~1", "--function", "queue", "--format", "json").stdout)
    assert back["functions"] == []


def test_functions_that_come_and_go(repository: Command) -> None:
    repository.write("lpa.toml", CONFIG.replace('name = "queue"', 'name = "sender"'))
    lines = repository("diff", "--base", "HEAD").stdout.splitlines()
    assert lines[0] == "queue (removed)"
    assert "  - needs sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:q" in lines
    assert "sender (added)" in lines
    assert "  + granted sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:q (Write)" in lines


def test_a_revision_without_a_configuration_is_read_by_that_of_the_working_tree(lpa: Command) -> None:
    git(lpa.cwd, "init", "--quiet")
    lpa.write("src/orders.py", ORDERS)
    lpa.write("src/shared.py", SHARED)
    commit(lpa)
    lpa.write("lpa.toml", CONFIG)
    lpa.write("src/queue_sender.py", QUEUE)
    lpa.write("policies/orders.json", ORDERS_POLICY)
    lpa.write("policies/queue.json", QUEUE_POLICY)
    done = lpa("diff", "--base", "HEAD")
    assert "orders (added)" not in done.stdout, "its code was there"
    assert "queue (added)" in done.stdout
    assert done.stderr.startswith("lpa: HEAD: queue: ")


def test_a_damaged_configuration_of_the_revision_is_told(repository: Command) -> None:
    repository.write("lpa.toml", "oops = 1\n")
    commit(repository)
    repository.write("lpa.toml", CONFIG)
    done = repository("diff", "--base", "HEAD")
    assert done.stdout == "the access of no function has changed since HEAD\n"
    assert done.stderr.startswith("lpa: HEAD: lpa.toml:1: unknown key oops")


def test_templates_in_a_subfolder_without_a_configuration(lpa: Command) -> None:
    git(lpa.cwd, "init", "--quiet")
    lpa.write("app/template.yaml", TEMPLATE)
    lpa.write("app/src/orders.py", ORDERS)
    lpa.write("app/src/queue_sender.py", QUEUE)
    lpa.write("app/src/shared.py", SHARED)
    commit(lpa)
    lpa.write(
        "app/src/queue_sender.py", QUEUE.replace("send_message", "receive_message").replace(', MessageBody="x"', "")
    )
    lpa.cwd /= "app"
    lines = lpa("diff", "--base", "HEAD").stdout.splitlines()
    assert lines[0] == "template.yaml: Second"
    assert [line for line in lines if " needs " in line and line.startswith("  ")] == [
        "  + needs sqs:ReceiveMessage on arn:aws:sqs:eu-west-1:123456789012:q",
        "  - needs sqs:SendMessage on arn:aws:sqs:eu-west-1:123456789012:q",
    ]
    assert "First" not in "".join(lines)


def test_markdown(repository: Command) -> None:
    repository.write("src/shared.py", DELETES.replace('Key="x"', 'Key="x|y"', 1))
    lines = repository("diff", "--base", "HEAD", "--format", "markdown").stdout.splitlines()
    assert lines[0].startswith("**lpa:** 2 needs added, 1 need removed, ")
    assert lines[2:4] == ["| Function |  | What | Place |", "| --- | --- | --- | --- |"]
    assert "| `orders` | + needs | `s3:PutObject` on `arn:aws:s3:::archive/x\\|y` | `src/shared.py:2` |" in lines
    repository.write("old.json", QUEUE_POLICY)
    repository.write("new.json", ORDERS_POLICY)
    between = repository("diff", "old.json", "new.json", "--format", "markdown").stdout.splitlines()
    assert between[0] == "**lpa:** 2 added, 1 removed, 0 undecided"
    assert "| + | `s3:PutObject` on `arn:aws:s3:::archive/x` (Write) | `new.json:9` |" in between


def test_the_work_tree_the_index_and_the_temporary_folder_stay_as_they_are(repository: Command) -> None:
    repository.write("src/shared.py", DELETES)
    git(repository.cwd, "add", "src/shared.py")
    repository.write("src/shared.py", SHARED)
    (repository.cwd / "src/link.py").symlink_to("/etc/passwd")
    temporary = repository.cwd.parent / "temporary"
    temporary.mkdir()
    before = git(repository.cwd, "status", "--porcelain=v2", "--untracked-files=all")
    index = (repository.cwd / ".git/index").read_bytes()
    assert repository("diff", "--base", "HEAD", TMPDIR=str(temporary)).returncode == 0
    assert list(temporary.iterdir()) == []
    assert (repository.cwd / ".git/index").read_bytes() == index
    assert git(repository.cwd, "status", "--porcelain=v2", "--untracked-files=all") == before
    assert "worktree" not in " ".join(os.listdir(repository.cwd / ".git"))


def test_what_is_exported_otherwise_or_leads_out_is_read_as_it_is_stored(repository: Command) -> None:
    repository.write(".gitattributes", "src/shared.py export-ignore\n*.py text eol=crlf\n")
    (repository.cwd / "src/outside.py").symlink_to("/etc/passwd")
    commit(repository)
    done = repository("diff", "--base", "HEAD")
    assert done.stdout == "the access of no function has changed since HEAD\n"
    assert done.stderr == ""


def test_mistakes(repository: Command, tmp_path: Path) -> None:
    for arguments, code, message in (
        (("--base", "nope"), 3, "--base nope: no such revision here; name a commit"),
        (("--base", "--output=x"), 3, "--base --output=x: no such revision here"),
        (("--base", "HEAD", "a.json"), 2, "--base with files"),
        (("--base", "HEAD", "--function", "none"), 2, "--function none: no such function in lpa.toml"),
        ((), 2, "two policies or --base REV is wanted"),
    ):
        done = repository("diff", *arguments)
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith(f"lpa: error: {message}")
        assert len(done.stderr.splitlines()) == 1
    shallow = tmp_path / "shallow"
    repository.write("x.txt", "x")
    commit(repository)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository.cwd}", str(shallow))
    repository.cwd = shallow
    assert "fetch-depth: 0" in repository("diff", "--base", "HEAD~1").stderr
    repository.cwd = tmp_path / "home"
    (repository.cwd / "lpa.toml").write_text(CONFIG)
    done = repository("diff", "--base", "HEAD")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("lpa: error: not a clone: not a git repository")
    (repository.cwd / "bin").mkdir()
    assert "git is not installed" in repository("diff", "--base", "HEAD", PATH=str(repository.cwd / "bin")).stderr
