from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.catalog import resource_types_of
from analyzer.catalog.effect import as_pattern
from analyzer.errors import RuleError
from analyzer.iam.arn import arn_contains, parse_arn
from analyzer.installed import rules_folder
from analyzer.rules import read_yaml, resource_type
from analyzer.rules.resource_types import _read

RULES = Path(rules_folder()) / "templates" / "resources.yaml"
TYPES = sorted(read_yaml(RULES, "resources.yaml").record(("resources",))["resources"].mapping())
PLACE = {"partition": "aws", "region": "eu-west-1", "account": "123456789012", "name": "n", "path": "/", "symbol": "s"}


def filled(text: str, arn: str = "") -> str:
    return text.format(**PLACE, arn=arn).replace("?", "x")


@pytest.mark.parametrize("name", TYPES)
def test_arns_have_a_form_that_the_catalogue_knows(name: str) -> None:
    known = resource_type(name)
    assert known is not None
    if not known.arn:
        return
    # The name of an alias begins with its type.
    arn = filled(known.arn.replace("{name}", "alias/{name}") if name == "AWS::KMS::Alias" else known.arn)
    parsed = parse_arn(arn)
    assert parsed is not None
    formats = {as_pattern(text, arn) for one in resource_types_of(parsed.service) for text in one.arns}
    assert any(arn_contains(form, arn) for form in formats), f"{arn} is none of {sorted(formats)}"


@pytest.mark.parametrize("name", TYPES)
def test_attributes_that_are_arns_are_called_so(name: str) -> None:
    known = resource_type(name)
    assert known is not None
    for attribute, text in known.attributes.items():
        says = "arn" in attribute.lower() or (name, attribute) == ("AWS::SecretsManager::Secret", "Id")
        is_arn = filled(text, filled(known.arn)).startswith("arn:")
        assert is_arn == says or text == "{symbol}", f"{attribute}: {text}"


@pytest.mark.parametrize("name", TYPES)
def test_the_page_is_that_of_the_type(name: str) -> None:
    source = read_yaml(RULES, "resources.yaml").mapping()["resources"].mapping()[name].mapping()["source"].text()
    words = [word.lower() for word in name.split("::")]
    assert re.sub(r"[^a-z0-9-]", "", source.rpartition("/")[2].removesuffix(".html")) == (
        f"{words[0]}-resource-{words[1]}-{words[2]}"
    )


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("{arn: 'arn:{nation}:x', source: S}", "no field {nation}"),
        ("{ref: '{arn}', source: S}", "a text with {arn}, and no `arn`"),
        ("{name: Name}", "`source` is missing"),
        ("{name: Name, source: 'https://example.org'}", "no page of the CloudFormation reference"),
        ("{nom: Name, source: S}", "unknown key `nom`"),
    ],
)
def test_wrong_records_are_refused(record: str, why: str, tmp_path: Path) -> None:
    page = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html"
    file = tmp_path / "resources.yaml"
    file.write_text(record.replace("source: S", f"source: '{page}'"), encoding="utf-8")
    with pytest.raises(RuleError, match=re.escape(why)):
        _read(read_yaml(file, "resources.yaml"))
