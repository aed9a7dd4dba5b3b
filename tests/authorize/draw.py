"""Draws operations at random for reading against AWS's documentation, and shows what `lpa` says of each.

The services that are used most are left out: their rules are read whole.
"""

from __future__ import annotations

import random
import sys

from botocore.loaders import Loader

from analyzer.cli import run
from analyzer.sdk import load_service

# fmt: off
MOST_USED = {
    "apigateway", "cloudformation", "cloudwatch", "dynamodb", "ec2", "ecs", "events", "iam", "kinesis", "kms", "lambda",
    "logs", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions", "sts",
}
# fmt: on


def draw(seed: int, count: int) -> list[tuple[str, str]]:
    """Return `count` pairs of a boto3 client and an operation, sorted; the same for the same seed and botocore."""
    operations = []
    for client in sorted(Loader().list_available_services("service-2")):
        service = load_service(client)
        if client not in MOST_USED and service is not None:
            operations += [(client, operation) for operation in sorted(service.operations)]
    return sorted(random.Random(seed).sample(operations, count))


if __name__ == "__main__":
    for client, operation in draw(int(sys.argv[1]), int(sys.argv[2])):
        run(["catalog", "show", f"{client}.{operation}"])
