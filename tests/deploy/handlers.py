"""Runs handlers, each in a process of its own: `python -m tests.deploy.handlers` takes jobs, one a line, as JSON.

A job is the handler with its search path, environment, event and whether it is denied what. What comes back is what it
returned or raised, and which requests it made. The process imports boto3 once and forks for each job, since that
takes most of the time of a handler that is run alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import traceback
import types
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore import handlers as botocore_handlers
from botocore.loaders import create_loader

_COMMON = ("dynamodb", "s3", "sqs", "sns", "kms", "ssm", "secretsmanager", "lambda", "events", "kinesis")


class Context:
    """What Lambda tells a handler of its invocation."""

    def __init__(self, name: str) -> None:
        self.function_name = name
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = 128
        self.aws_request_id = "3f2d1c0a-0000-4000-8000-000000000000"
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "2026/01/01/[$LATEST]0"

    def get_remaining_time_in_millis(self) -> int:
        """Say that there is time."""
        return 30_000


def main() -> None:
    """Do jobs until there are no more."""
    loader = create_loader()
    loader.search_paths.append(str(Path(boto3.__file__).parent / "data"))
    botocore.session.create_loader = lambda search_path=None: loader
    for service in _COMMON:
        loader.load_service_model(service, "service-2")
    loader.load_service_model("dynamodb", "resources-1")
    for line in sys.stdin:
        print(json.dumps(_run_apart(json.loads(line))), flush=True)


def _run_apart(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(_run(job), out, default=str)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as out:
        text = out.read()
    os.waitpid(child, 0)
    result: dict[str, Any] = json.loads(text) if text else {"error": "the process died", "requests": []}
    return result


def _run(job: dict[str, Any]) -> dict[str, Any]:
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.path[:0] = [*job["path"], job["stand_ins"]]
    sys.dont_write_bytecode = True
    # What handlers print is nobody's business; what is told is told over the pipe.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0), os.dup2(nothing, 1), os.dup2(nothing, 2)
    requests: list[str] = []

    def note(model: Any, **_: object) -> None:
        requests.append(f"{model.service_model.service_name}.{model.name}")

    botocore_handlers.BUILTIN_HANDLERS.append(("before-call", note))
    boto3.DEFAULT_SESSION = None
    try:
        handler = _handler(job["handler"], job["entry"])
        result = handler(job["event"], Context(job["environment"]["AWS_LAMBDA_FUNCTION_NAME"]))
    except BaseException as error:  # whatever a handler raises is its outcome
        last = traceback.extract_tb(error.__traceback__)[-1]
        return {"error": f"{type(error).__name__}: {error} ({last.filename}:{last.lineno})", "requests": requests}
    return {"result": result, "requests": requests}


def _handler(dotted: str, entry: str | None) -> Any:
    name, _, function = dotted.replace("/", ".").rpartition(".")
    if entry is None:
        return getattr(importlib.import_module(name), function)
    # The entry's folder may be no package of the search path, as in `path/mod.fn`.
    try:
        module: types.ModuleType = importlib.import_module(name)
    except ModuleNotFoundError:
        spec = importlib.util.spec_from_file_location(name, entry)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return getattr(module, function)


if __name__ == "__main__":
    main()
