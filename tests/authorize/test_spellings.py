"""How single services spell names; sources are the pages that `analyzer.authorize.spellings` cites."""

from __future__ import annotations

import pytest

from analyzer.authorize import authorize
from analyzer.authorize.formats import parse_format
from analyzer.authorize.requests import as_sent
from analyzer.authorize.spellings import read_copy_source, read_names, read_queue_url
from analyzer.authorize.texts import Texts
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns
from analyzer.model.values import Absent, Environment, EventPart, Known, Mapping, OneOf, Value
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
        (Spelling.URL_ENCODED, Known("arn:aws:x:::a/b"), "arn%3Aaws%3Ax%3A%3A%3Aa%2Fb"),
        (Spelling.FUNCTION_NAME, Known("f:live:live"), "f:live"),
        (Spelling.FUNCTION_NAME, Known("function:function"), "function:function"),
        (Spelling.FUNCTION_NAME, Known("arn:aws:lambda:r:1:function:function"), "arn:aws:lambda:r:1:function:function"),
        (Spelling.FUNCTION_NAME, Known("arn:aws:lambda:r:1:function:f:1:1"), "arn:aws:lambda:r:1:function:f:1"),
        (Spelling.PLAIN, Known("/a"), "/a"),
    ],
)
def test_name_is_written_as_in_the_arn(texts: Texts, spelling: Spelling, given: Value, pattern: str) -> None:
    (read,) = texts.of(given)

    assert [texts.pattern(name)[0] for name in read_names(spelling, read, texts)] == [pattern]


def test_name_that_may_be_in_either_case_is_written_in_both(texts: Texts) -> None:
    def written(given: Value) -> list[str]:
        (read,) = texts.of(given)
        return [texts.pattern(name)[0] for name in read_names(Spelling.EITHER_CASE, read, texts)]

    assert written(Known("LaBSE")) == ["LaBSE", "labse"]
    assert written(Known("llm")) == ["llm"]
    assert written(text("LLM-", X)) == ["LLM-*", "llm-*"]
    assert written(Known("arn:aws:sagemaker:r:1:endpoint/E")) == ["arn:aws:sagemaker:r:1:endpoint/E"]


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
        (mapping({"Bucket": "b", "Key": "k", "VersionId": None}), [("b", "k")]),
        (mapping({"Bucket": "b"}), [("b", "*")]),
        (OneOf((mapping({"Bucket": "b", "Key": "k"}), Known("c/l"))), [("b", "k"), ("c", "l")]),
        (Mapping((), complete=False), [("*", "*")]),
        (text(X, "/", EventPart("key")), [("*", "*")]),
        (text("b/", EventPart("key")), [("b", "*")]),
        (environment("X"), [("*", "*")]),
        (OneOf((Known("b/k"), Known("c/l"))), [("b", "k"), ("c", "l")]),
    ],
)
def test_copy_source_names_bucket_and_key(texts: Texts, source: Value, expected: list[tuple[str, str]]) -> None:
    sent = as_sent(call("s3.CopyObject", {"CopySource": source})).parameters.get("CopySource")
    assert sent is not None
    found = []
    for read in texts.of(sent):
        one = read_copy_source(read)
        assert not isinstance(one, str)
        found.append((texts.pattern(one["BucketName"])[0], texts.pattern(one["ObjectName"])[0]))

    assert found == expected


def test_version_of_the_copy_source_is_sent() -> None:
    def sent(source: dict[str, object]) -> Value | None:
        return as_sent(call("s3.CopyObject", {"CopySource": source})).parameters.get("CopySource")

    assert sent({"Bucket": "b", "Key": "k", "VersionId": "1"}) == Known("b/k?versionId=1")
    assert sent({"Bucket": "b", "Key": "k", "VersionId": OneOf((Known("1"), Absent()))}) == OneOf(
        (Known("b/k?versionId=1"), Known("b/k"))
    )
    assert sent({"Bucket": environment("X"), "Key": "k"}) == text(X, "/k")


def test_calls_of_other_services_are_sent_as_they_are() -> None:
    made = call("s3control.CreateJob", {"CopySource": {"Bucket": "b"}})

    assert as_sent(made) is made


def test_copy_source_may_be_an_arn() -> None:
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/a/object/k"

    assert read_copy_source(arn) == arn
    assert read_copy_source(f"{arn}?versionId=1") == arn


WEB_ACL = "arn:aws:wafv2:*:*:{}/webacl/n/1"


@pytest.mark.parametrize(
    ("scope", "spelled"),
    [
        (Known("REGIONAL"), ["regional"]),
        (Known("CLOUDFRONT"), ["global"]),
        (environment("SCOPE"), ["global", "regional"]),
        (text("REG", X), ["global", "regional"]),
        (Known("EVERYWHERE"), ["*"]),
    ],
)
def test_value_is_written_as_the_arn_has_it(scope: Value, spelled: list[str]) -> None:
    made = call("wafv2.DeleteWebACL", {"Name": "n", "Scope": scope, "Id": "1", "LockToken": "t"})
    ((_, (requirement,)),) = authorize([made], Deployment()).by_call

    assert isinstance(requirement.scope, Arns)
    assert list(requirement.scope.patterns) == [WEB_ACL.format(one) for one in spelled]


def test_part_of_an_arn_keeps_its_place() -> None:
    # An example of codeguru-reviewer's rules, whose binding takes the association from the ARN of a code review.
    review = "arn:aws:codeguru-reviewer:eu-west-1:123456789012:association:1:code-review:2"
    made = call("codeguru-reviewer.DescribeCodeReview", {"CodeReviewArn": review})
    ((_, (requirement,)),) = authorize([made], Deployment()).by_call

    association = "arn:aws:codeguru-reviewer:eu-west-1:123456789012:association:1"
    assert requirement.scope == Arns((association,), ())
