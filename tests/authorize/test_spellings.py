"""How single services spell names; sources are the pages that `analyzer.authorize.spellings` cites."""

from __future__ import annotations

import pytest

from analyzer.authorize.formats import parse_format
from analyzer.authorize.spellings import read_copy_source, read_name, read_queue_url
from analyzer.authorize.texts import Texts
from analyzer.model.deployment import Deployment
from analyzer.model.values import Environment, EventPart, Known, Mapping, OneOf, Value
from analyzer.rules import Spelling
from tests.authorize.calls import call, environment, mapping, text

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret"
GROUP = "arn:aws:logs:eu-west-1:123456789012:log-group"
X = Environment("X")


@pytest.fixture
def texts() -> Texts:
    return Texts(call("sqs.SendMessage", {}), Deployment())


@pytest.mark.parametrize(
    ("spelling", "given", "pattern"),
    [
        (Spelling.SSM_PARAMETER, Known("/app/key"), "app/key"),
        (Spelling.SSM_PARAMETER, Known("//app"), "/app"),
        (Spelling.SSM_PARAMETER, Known("key"), "key"),
        (Spelling.SSM_PARAMETER, text("/app/", X), "app/*"),
        (Spelling.SECRET_ID, Known("db"), "db-??????"),
        (Spelling.SECRET_ID, Known("prod/db"), "prod/db-??????"),
        (Spelling.SECRET_ID, text(X, "/db"), "*/db-??????"),
        (Spelling.SECRET_ID, environment("X"), "*"),
        (Spelling.SECRET_ID, Known(f"{SECRET}:db-a1B2c3"), f"{SECRET}:db-a1B2c3"),
        (Spelling.SECRET_ID, Known(f"{SECRET}:db"), f"{SECRET}:db-??????"),
        (Spelling.SECRET_ID, text(f"{SECRET}:", X), f"{SECRET}:*"),
        (Spelling.FUNCTION_NAME, Known("f"), "f"),
        (Spelling.FUNCTION_NAME, Known("f:prod"), "f:prod"),
        (Spelling.FUNCTION_NAME, Known("123456789012:function:f"), "arn:aws:lambda:*:123456789012:function:f"),
        (Spelling.FUNCTION_NAME, Known("123456789012:function:f:1"), "arn:aws:lambda:*:123456789012:function:f:1"),
        (Spelling.LOG_GROUP, Known("/aws/lambda/f"), "/aws/lambda/f:*"),
        (Spelling.LOG_GROUP, Known(f"{GROUP}:/g"), f"{GROUP}:/g:*"),
        (Spelling.LOG_GROUP, Known(f"{GROUP}:/g:*"), f"{GROUP}:/g:*"),
        (Spelling.LOG_GROUP, environment("X"), "*"),
        (Spelling.BASENAME, Known("a/b/c"), "c"),
        (Spelling.BASENAME, text("a/", X), "*"),
        (Spelling.PLAIN, Known("/a"), "/a"),
    ],
)
def test_name_is_written_as_in_the_arn(texts: Texts, spelling: Spelling, given: Value, pattern: str) -> None:
    (read,) = texts.of(given)

    assert texts.pattern(read_name(spelling, read, texts))[0] == pattern


QUEUE = parse_format("arn:${Partition}:sqs:${Region}:${Account}:${QueueName}")


@pytest.mark.parametrize(
    ("url", "arn"),
    [
        (Known("https://sqs.eu-west-1.amazonaws.com/123456789012/q"), "eu-west-1:123456789012:q"),
        (Known("https://sqs.eu-west-1.amazonaws.com/123456789012/q/"), "eu-west-1:123456789012:q"),
        (Known("https://eu-west-1.queue.amazonaws.com/123456789012/q"), "eu-west-1:123456789012:q"),
        (Known("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q"), "cn-north-1:123456789012:q"),
        (Known("http://localhost:4566/000000000000/q.fifo"), "*:000000000000:q.fifo"),
        (Known("q"), "*:*:q"),
        (text("https://sqs.", X, ".amazonaws.com/", EventPart("a"), "/q"), "*:*:q"),
        (text("https://sqs.eu-west-1.amazonaws.com/123456789012/", X), "eu-west-1:123456789012:*"),
        (text(X, "/q"), "*:*:q"),
        (environment("X"), "*:*:*"),
    ],
)
def test_queue_url_names_region_account_and_queue(texts: Texts, url: Value, arn: str) -> None:
    (read,) = texts.of(url)
    found = read_queue_url(read)

    assert texts.pattern(QUEUE.fill({"Partition": "aws", "QueueName": found[""], **found}))[0] == f"arn:aws:sqs:{arn}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Known("b/k"), [("b", "k")]),
        (Known("/b/a/k"), [("b", "a/k")]),
        (Known("b/k?versionId=1"), [("b", "k")]),
        (mapping({"Bucket": "b", "Key": "a/k"}), [("b", "a/k")]),
        (mapping({"Bucket": "b", "Key": "k", "VersionId": "1"}), [("b", "k")]),
        (mapping({"Bucket": "b"}), [("b", "*")]),
        (Mapping((), complete=False), [("*", "*")]),
        (text(X, "/", EventPart("key")), [("*", "*")]),
        (text("b/", EventPart("key")), [("b", "*")]),
        (environment("X"), [("*", "*")]),
        (OneOf((Known("b/k"), Known("c/l"))), [("b", "k"), ("c", "l")]),
    ],
)
def test_copy_source_names_bucket_and_key(texts: Texts, source: Value, expected: list[tuple[str, str]]) -> None:
    found = []
    for one in read_copy_source(source, texts):
        assert not isinstance(one, str)
        found.append((texts.pattern(one["BucketName"])[0], texts.pattern(one["ObjectName"])[0]))

    assert found == expected


def test_copy_source_may_be_an_arn(texts: Texts) -> None:
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/a/object/k"

    assert list(read_copy_source(Known(arn), texts)) == [arn]
