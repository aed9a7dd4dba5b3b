from __future__ import annotations

from pathlib import Path

from analyzer.checks.fingerprint import fingerprints
from analyzer.model.findings import Finding, Severity
from analyzer.model.location import Location

SOURCE = "import boto3\n\nboto3.client('s3').list_buckets()\n"


def finding(line: int = 3, message: str = "it is wrong", check: str = "a-check", path: str = "app.py") -> Finding:
    return Finding(check, Severity.ERROR, message, Location(path, line, 1, line, 9), (), "")


def test_what_changes_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "b.py").write_text(SOURCE)
    different = [
        finding(),
        finding(line=1),
        finding(message="it is worse"),
        finding(check="b-check"),
        finding(path="b.py"),
        finding(path="none.py"),
        finding(line=99),
        # The same once more is another finding.
        finding(),
    ]
    assert len(set(fingerprints(different, str(tmp_path)))) == len(different)


def test_it_stays_where_lines_move_and_are_indented(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(SOURCE)
    before = fingerprints([finding()], str(tmp_path))
    moved = SOURCE.replace("boto3.client", "# more\nif True:\n\tboto3.client").replace("\n", "\r\n")
    app.write_bytes(b"\xef\xbb\xbf" + moved.encode())
    assert fingerprints([finding(line=5)], str(tmp_path)) == before


def test_it_stays_where_the_place_in_a_message_moves(tmp_path: Path) -> None:
    one, other = (finding(message=f"denied by the statement at role.json:{place}") for place in ("4:5", "14:9"))
    assert fingerprints([one], str(tmp_path)) == fingerprints([other], str(tmp_path))


def test_numbers_of_arns_are_no_places(tmp_path: Path) -> None:
    one, other = (
        finding(message=f"arn:aws:lambda:eu-west-1:{account}:function:f:1 is not used")
        for account in ("123456789012", "210987654321")
    )
    assert fingerprints([one], str(tmp_path)) != fingerprints([other], str(tmp_path))


def test_a_file_that_is_not_utf_8_has_lines_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"# \xff\n\nx = 1\n")
    one, other = fingerprints([finding(line=1), finding(line=3)], str(tmp_path))
    assert one != other


def test_a_comma_for_the_next_item_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('{"Effect": "Allow"}\n{"Effect": "Allow"},\n')
    (first,) = fingerprints([finding(line=1)], str(tmp_path))
    assert fingerprints([finding(line=2)], str(tmp_path)) == (first,)


def test_a_byte_order_mark_is_no_part_of_a_line(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE)
    without = fingerprints([finding(line=1)], str(tmp_path))
    (tmp_path / "app.py").write_text("\ufeff" + SOURCE)
    assert fingerprints([finding(line=1)], str(tmp_path)) == without
