"""No value that a program may give leads to a resource that IAM refuses to store.

What it refuses, and how it says so: "Resource must be in ARN format or "*"", "Partition ... is not valid for resource"
(https://github.com/cloudera-labs/cloudera.exe/issues/112), "Resource vendor must be fully qualified and cannot contain
regexes", and "IAM resource ... cannot contain region information"
(https://github.com/cloud-gov/terraform-provision/pull/1838).
"""

from __future__ import annotations

import re

import pytest

from analyzer.authorize import authorize
from analyzer.model.deployment import Deployment
from analyzer.model.requirements import Arns
from analyzer.model.values import Environment, EventPart, Known, Opaque, Value
from analyzer.sdk import load_service
from tests.authorize.calls import call, environment, text

SERVICES = ("apigateway", "backup", "dynamodb", "events", "iam", "kms", "lambda", "logs", "s3", "sesv2", "sns", "ssm")
HOLE = Environment("X")
VALUES: dict[str, Value] = {
    "unknown": Opaque(EventPart("a")),
    "variable": environment("X"),
    "name": Known("n"),
    "end": text(HOLE, "/x"),
    "no ARN": Known("arn:foo"),
    "ARN of no partition": Known("arn:nope:sqs:us-east-1:1:x/y"),
    "ARN of an unknown partition": text("arn:", HOLE, ":sqs:us-east-1:1:q"),
    "ARN without a place": text("arn:aws:", HOLE),
    "ARN of unknown segments": text("arn:", HOLE, ":", HOLE, ":", HOLE, ":", HOLE, ":role/x"),
    "ARN with a hole for a place": text("arn:", HOLE, ":x"),
}
PARTITION = "aws|aws-cn|aws-eusc|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-us-gov"
ACCEPTABLE = re.compile(rf"\*|arn:({PARTITION}):(iam:|(?!iam:)[a-z0-9-]+:[^:]*):[^:]*:.+", re.DOTALL)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_gives_resources_that_iam_takes(service: str) -> None:
    known = load_service(service)
    assert known is not None
    calls = [
        call(f"{service}.{operation.name}", dict.fromkeys(operation.members, value))
        for operation in known.operations.values()
        for value in VALUES.values()
    ] + [call(f"{service}.{name}", {}, complete=False) for name in known.operations]

    requirements = authorize(calls, Deployment()).requirements

    patterns = {
        pattern: requirement.action
        for requirement in requirements
        if isinstance(requirement.scope, Arns)
        for pattern in requirement.scope.patterns
    }
    assert len(patterns) > 1
    assert {pattern: action for pattern, action in patterns.items() if not ACCEPTABLE.fullmatch(pattern)} == {}
