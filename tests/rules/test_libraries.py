"""Every example of every library: what the program needs, interpreted from its source, is exactly what it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.authorize import authorize
from analyzer.collect import collect
from analyzer.errors import EXIT_INTERNAL, RuleError
from analyzer.flow import interpret
from analyzer.model.calls import ApiCall, Interpretation, Via
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import AnyResource
from analyzer.rules import Guard, rule_files
from analyzer.rules.libraries import library_examples, library_rules, restore_library, store_library
from analyzer.rules.library_file import read_library_file
from analyzer.rules.library_records import (
    Argument,
    Filling,
    LibraryCall,
    LibraryEntry,
    LibraryExample,
    LibraryRules,
    Part,
)
from analyzer.sources import FileSources

LIBRARIES = tuple(path.stem for path, _ in rule_files("libraries"))
EXAMPLES = [(library, example) for library in LIBRARIES for example in library_examples(library)]


def interpreted(folder: Path, code: str, handler: str | None = None) -> Interpretation:
    path = folder / "app.py"
    path.write_text(code)
    return interpret(collect([str(path)], str(folder)), FileSources(), handler=handler)


def needs_of(calls: tuple[ApiCall, ...]) -> list[str]:
    authorization = authorize(calls, Deployment())
    assert authorization.unresolved == ()
    return sorted(
        f"{requirement.action} on {pattern}"
        for requirement in authorization.requirements
        for pattern in (["*"] if isinstance(requirement.scope, AnyResource) else requirement.scope.patterns)
    )


@pytest.mark.parametrize(
    ("library", "example"), EXAMPLES, ids=[f"{library}:{example.line}" for library, example in EXAMPLES]
)
def test_example_needs_what_it_says(library: str, example: LibraryExample, tmp_path: Path) -> None:
    found = interpreted(tmp_path, example.code)

    assert needs_of(found.calls) == list(example.needs)
    assert sorted(one.reason for one in found.unresolved) == list(example.unresolved)


@pytest.mark.parametrize("library", LIBRARIES)
def test_examples_make_every_kind_of_call(library: str, tmp_path: Path) -> None:
    rules = library_rules(library)
    assert rules is not None
    said = {
        (call.owner, call.name)
        for entry in rules.entries.values()
        for call in entry.calls
        if call.kind in ("operation", "action")
    }
    made = {
        (call.service, call.operation)
        for one in LIBRARIES
        for example in library_examples(one)
        if library.partition("_")[0] in example.code
        for call in interpreted(tmp_path, example.code).calls
    }

    assert sorted(said - made) == []


def test_calls_are_recorded_where_the_library_is_called_by_whom(tmp_path: Path) -> None:
    code = (
        "from functools import partial\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from aws_lambda_powertools.utilities.parameters import get_secret, get_parameter\n"
        "def load(name):\n"
        "    return get_secret(name)\n"
        "def handler(event, context):\n"
        "    with ThreadPoolExecutor() as pool:\n"
        "        pool.submit(get_parameter, '/a')\n"
        "    partial(get_parameter, '/b')()\n"
        "    return load('db')\n"
        "def other():\n"
        "    return get_secret('unreachable')\n"
    )
    calls = interpreted(tmp_path, code, "app.handler").calls

    assert [(call.location.start_line, call.operation, call.via, call.call_chain) for call in calls] == [
        (5, "GetSecretValue", Via.LIBRARY, ("handler", "load")),
        (8, "GetParameter", Via.LIBRARY, ("handler",)),
        (9, "GetParameter", Via.LIBRARY, ("handler",)),
    ]


@pytest.mark.parametrize(
    "code",
    [
        # Not imported, or imported from elsewhere.
        "def f(parameters):\n    return parameters.get_secret('db')\n",
        "from shop.parameters import get_secret\nget_secret('db')\n",
        "from .parameters import get_parameter\nget_parameter('/a')\n",
        # Imported, and not called.
        "from aws_lambda_powertools.utilities.parameters import get_secret\nx = get_secret\n",
        "import awswrangler as wr\nread = wr.s3.read_csv\n",
        # The same names on other objects.
        "class Cache:\n    def get_secret_string(self, secret_id): ...\nCache().get_secret_string('db')\n",
        "class fs:\n    @staticmethod\n    def open(path): ...\nfs.open('bucket/key')\n",
        "open('s3://bucket/key')\n",
        "import polars as pd\npd.read_csv('s3://bucket/key')\n",
        "import pandas as pd\ndef f(frame):\n    frame.to_csv('s3://bucket/key')\n",
    ],
)
def test_other_code_calls_nothing(code: str, tmp_path: Path) -> None:
    assert interpreted(tmp_path, code).calls == ()


def test_arguments_that_cannot_be_seen_are_reported(tmp_path: Path) -> None:
    code = "import awswrangler as wr\ndef handler(event, context):\n    wr.s3.to_csv(**event)\n"
    (unresolved, *others) = interpreted(tmp_path, code).unresolved

    assert unresolved.reason == "unknown-parameters"
    assert "awswrangler.s3.to_csv() does depends on its `dataset`" in unresolved.detail
    assert "s3.PutObject" in unresolved.candidates
    assert {one.location for one in others} == {unresolved.location}


def test_unknown_object_that_writes_to_s3_is_reported(tmp_path: Path) -> None:
    code = (
        "def save(frame, other):\n"
        "    frame.to_parquet(f's3://{other}/rows')\n"
        "    frame.to_csv('/tmp/rows')\n"
        "    other.announce('s3://bucket/rows')\n"
    )
    found = interpreted(tmp_path, f"import pandas\n{code}")

    assert found.calls == ()
    assert [(one.reason, one.location.start_line) for one in found.unresolved] == [("unknown-receiver", 3)]
    assert "s3.PutObject" in found.unresolved[0].candidates


def test_objects_made_of_each_other_come_to_an_end(tmp_path: Path) -> None:
    code = (
        "from aws_lambda_powertools.utilities.feature_flags import FeatureFlags\n"
        "def handler(event, context):\n"
        "    flags = None\n"
        "    while event:\n"
        "        flags = FeatureFlags(store=flags)\n"
        "    return flags.evaluate(name='a', default=False)\n"
    )
    assert interpreted(tmp_path, code).calls == ()


def test_rules_of_a_library_are_only_read_for_programs_that_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def recorded(package: str) -> LibraryRules | None:
        read.append(package)
        return library_rules(package)

    monkeypatch.setattr("analyzer.rules.libraries.library_rules", recorded)
    code = "import boto3, httpx, json\nboto3.client('s3').list_buckets()\nhttpx.get('x').json()\nprint(json)\n"
    interpreted(tmp_path, code)
    assert read == []

    interpreted(tmp_path, "import s3fs\ns3fs.S3FileSystem().ls('b')\n")
    assert set(read) == {"s3fs"}


# Reading

GOOD = """\
source: https://example.com/a
read: shelf 1.0
aliases: {shelf.core: shelf}
wraps: [shelf.Tracer]
no_calls: [shelf.tools]
views: [shelf.data]
reported: [shelf]
signers: [shelf.Signer]
entries:
  - names: shelf.Shelf
    arguments: table, *, region=None, **options
    attributes: {name: table}
  - of: shelf.Shelf
    names: [put, add]
    arguments: url, mode="r", /, retries=-1
    source: https://example.com/b
    calls:
      - operation: s3.PutObject
        parameters: {Bucket: {from: [url], as: bucket}, Key: {from: url, as: key, append: "/*"}, "**": options}
        when: [{argument: mode, equals: [r, w]}, {absent: retries}, {argument: url, surely: "s3://"}]
        region: region
      - {action: "rds-db:connect", parameters: {DbUserName: {from: table, extract: "^(.*)-"}}}
      - {method: self.close, parameters: {why: {constant: 1-, append: "*"}}}
      - {unknown: what it sends, when: {argument: mode}}
    returns: {name: shelf.Shelf, when: {argument: "options.many[]"}}
  - {of: "*", names: close, returns: self}
examples:
  - {code: "import shelf", needs: []}
"""

PUT = LibraryEntry(
    (Argument("url", "normal"), Argument("mode", "normal", "r"), Argument("retries", "normal", -1)),
    (
        LibraryCall(
            "operation",
            "s3",
            "PutObject",
            (
                ("Bucket", Filling(("url",), Part.BUCKET)),
                ("Key", Filling(("url",), Part.KEY, append="/*")),
                ("**", Filling(("options",))),
            ),
            (Guard("mode", "equals", ("r", "w")), Guard("retries", "absent"), Guard("url", "surely", ("s3://",))),
            Filling(("region",)),
        ),
        LibraryCall("action", "rds-db", "connect", (("DbUserName", Filling(("table",), extract="^(.*)-")),)),
        LibraryCall("method", "self", "close", (("why", Filling((), constant="1-", append="*")),)),
        LibraryCall("unknown", "", "what it sends", guards=(Guard("mode", "present"),)),
    ),
    "shelf.Shelf",
    (Guard("options.many[]", "present"),),
)
RULES = LibraryRules(
    "shelf",
    "rules/libraries/shelf.yaml",
    {"shelf.core": "shelf"},
    ("shelf.Tracer",),
    ("shelf.tools",),
    ("shelf.data",),
    ("shelf",),
    ("shelf.Signer",),
    {
        "shelf.Shelf": LibraryEntry(
            (Argument("table", "normal"), Argument("region", "keyword"), Argument("options", "kwargs")),
            attributes=(("name", "table"),),
        ),
        "shelf.Shelf.put": PUT,
        "shelf.Shelf.add": PUT,
        "*.close": LibraryEntry(returns="self"),
    },
)


def read(folder: Path, content: str) -> tuple[LibraryRules, tuple[LibraryExample, ...]]:
    path = folder / "shelf.yaml"
    path.write_text(content)
    return read_library_file(path, "rules/libraries/shelf.yaml")


def test_everything_a_file_can_say_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD) == (RULES, (LibraryExample("import shelf", (), (), 28),))


def test_stored_rules_are_restored_as_they_were() -> None:
    stored = json.loads(json.dumps(store_library(RULES)))

    assert restore_library("shelf", "rules/libraries/shelf.yaml", stored) == RULES


@pytest.fixture
def fresh_rules() -> Iterator[None]:
    library_rules.cache_clear()
    yield
    library_rules.cache_clear()


@pytest.mark.usefixtures("fresh_rules")
@pytest.mark.parametrize("library", LIBRARIES)
def test_rules_from_the_cache_are_the_rules_of_the_file(library: str) -> None:
    (path, shown) = next(one for one in rule_files("libraries") if one[0].stem == library)
    from_file, _ = read_library_file(path, shown)

    first = library_rules(library)
    library_rules.cache_clear()

    assert first == library_rules(library) == from_file


def test_package_without_a_file_has_no_rules() -> None:
    assert library_rules("requests_toolbelt") is None


HEAD = "source: https://a\nread: shelf 1\nexamples: [{code: x, needs: []}]\n"
ENTRY = f"{HEAD}entries:\n  - names: shelf.f\n    arguments: a, **b\n"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("source: https://a\nread: shelf 1\n", 1, "`examples` is missing"),
        ("read: shelf 1\nexamples: []\n", 1, "`source` is missing"),
        ("source: https://a\nexamples: []\n", 1, "`read` is missing"),
        ("source: docs\nread: x\nexamples: [{code: x, needs: []}]\n", 1, "not an address"),
        ("source: https://a\nread: x\nexamples: []\n", 3, "an empty list"),
        ("source: https://a\nread: x\nexamples: [{code: x, needs: [s3:Get on *]}]\n", 3, "IAM has no action `s3:Get`"),
        (f"{HEAD}calls: []\n", 4, "unknown key `calls`"),
        (f"{HEAD}wraps: [other.Tracer]\n", 4, "`other.Tracer` is no dotted name below `shelf`"),
        (f"{HEAD}entries:\n  - names: other.f\n", 5, "`other.f` is no dotted name below `shelf`"),
        (f"{HEAD}entries:\n  - {{of: shelf, names: 'a b'}}\n", 5, "`a b` is no name"),
        (f"{HEAD}entries:\n  - names: shelf.f\n  - names: [shelf.g, shelf.f]\n", 6, "`shelf.f` stands twice"),
        (f"{HEAD}entries:\n  - names: shelf.f\n    arguments: a b\n", 6, "not a signature"),
        (f"{HEAD}entries:\n  - names: shelf.f\n    arguments: a=[]\n", 6, "a default that is no constant: `[]`"),
        (f"{ENTRY}    calls: [{{parameters: {{}}}}]\n", 7, "not a call"),
        (f"{ENTRY}    calls: [{{operation: s3.Get}}]\n", 7, "botocore has no operation `s3.Get`"),
        (f"{ENTRY}    calls: [{{action: 'es:Http'}}]\n", 7, "IAM has no action `es:Http`"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, parameters: {{Buckets: a}}}}]\n", 7,
         "GetObject has no parameter `Buckets`"),
        (f"{ENTRY}    calls: [{{action: 'rds-db:connect', parameters: {{User: a}}}}]\n", 7,
         "no ARN of `rds-db:connect` has `User`; use one of DbUserName, DbiResourceId"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, parameters: {{Bucket: c}}}}]\n", 7,
         "`shelf.f` has no argument `c`"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, parameters: {{Bucket: 'a['}}}}]\n", 7, "`a[` is not a path"),
        (f"{ENTRY}    calls: [{{method: c.close}}]\n", 7, "`shelf.f` has no argument `c`"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, parameters: {{Bucket: {{from: a, as: host}}}}}}]\n", 7,
         "unknown value `host`"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, parameters: {{Bucket: {{from: a, extract: a}}}}}}]\n", 7,
         "not one group"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, when: {{argument: a, equals: 1, seen: x}}}}]\n", 7,
         "not a condition"),
        (f"{ENTRY}    calls: [{{operation: s3.GetObject, when: {{argument: a, seen: '['}}}}]\n", 7,
         "not a regular expression"),
    ],
)  # fmt: skip
def test_wrong_file_is_refused_with_line_and_remedy(tmp_path: Path, content: str, line: int, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        read(tmp_path, content)

    message = str(caught.value)
    assert message.startswith(f"rules/libraries/shelf.yaml:{line}: {words}")
    assert caught.value.hint
    assert caught.value.exit_code == EXIT_INTERNAL
    assert "\n" not in message
