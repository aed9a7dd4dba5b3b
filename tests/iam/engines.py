"""Engines that nobody here wrote, which say whether IAM policies allow a request.

The simulator is the npm package @cloud-copilot/iam-simulate, of one version, installed into a folder that git ignores
and run as a process of its own: it is under the AGPL and no part of what is shipped. moto is its server, asked over
HTTP by boto3 with IAM enforcement switched on.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.iam.questions import ALLOWED, EXPLICITLY_DENIED, IMPLICITLY_DENIED, Document, Question

PACKAGE = "@cloud-copilot/iam-simulate"
VERSION = "0.1.173"
_SCRIPT = Path(__file__).with_name("simulator.mjs")
_FOLDER = Path(__file__).resolve().parents[2] / ".bench" / "iam-simulate"
_INSTALL_SECONDS = 60
_VERDICTS = {
    "Allowed": ALLOWED,
    "ExplicitlyDenied": EXPLICITLY_DENIED,
    "ImplicitlyDenied": IMPLICITLY_DENIED,
}

DENIED = "denied"
"""moto's answer: it does not say whether by a statement or for want of one."""


class UnavailableError(Exception):
    """An engine is not to be had here, and why."""


def install_simulator() -> Path:
    """Return the folder where the simulator is installed, installing it first if need be."""
    manifest = _FOLDER / "node_modules" / PACKAGE / "package.json"
    if manifest.exists() and json.loads(manifest.read_text(encoding="utf-8"))["version"] == VERSION:
        return _FOLDER
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise UnavailableError("node and npm are not installed")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    options = ["--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--fetch-retries=0", "--loglevel=error"]
    command = [npm, "install", *options, "--prefix", str(_FOLDER), f"{PACKAGE}@{VERSION}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm did not install {PACKAGE} within {_INSTALL_SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        raise UnavailableError(f"npm cannot install {PACKAGE}: {error.stderr.strip()[:300]}") from None
    return _FOLDER


def ask_simulator(questions: Iterable[Question]) -> list[str]:
    """Return the simulator's verdicts. Raises UnavailableError if it is not to be had."""
    asked = json.dumps([asdict(question) for question in questions])
    command = ["node", str(_SCRIPT)]
    run = subprocess.run(command, input=asked, capture_output=True, text=True, check=True, cwd=install_simulator())
    answers = json.loads(run.stdout)
    refused = [answer for answer in answers if not isinstance(answer, str)]
    assert not refused, f"the simulator refuses a question: {json.dumps(refused[0])[:500]}"
    return [_VERDICTS[answer] for answer in answers]


MOTO_ACCOUNT = "123456789012"
_REGION = "us-east-1"
_OBJECTS = ("x", "a/x", "jo/x")
_BUCKETS = ("abc", "abd")
_QUEUES = ("q", "jobs")
_POLICY_SLOTS = 2
MOTO_TARGETS = (
    *(
        (f"s3:{action}Object", f"arn:aws:s3:::{bucket}/{key}")
        for action in ("Get", "Put", "Delete")
        for bucket in _BUCKETS
        for key in _OBJECTS
    ),
    *(("s3:ListBucket", f"arn:aws:s3:::{bucket}") for bucket in _BUCKETS),
    *(("sqs:GetQueueAttributes", f"arn:aws:sqs:{_REGION}:{MOTO_ACCOUNT}:{queue}") for queue in _QUEUES),
)
"""What moto can be asked for: it tells the resource of few actions, all others are on `*` to it."""


class Moto:
    """A running server of moto and the user whose requests it is asked about."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._enforce_after("inf")
        setup = self._clients("setup", "setup")
        self._urls = {name: setup["sqs"].create_queue(QueueName=name)["QueueUrl"] for name in _QUEUES}
        for bucket in _BUCKETS:
            setup["s3"].create_bucket(Bucket=bucket)
        self._iam = self._clients(*self._new_user(setup["iam"], "admin"))["iam"]
        setup["iam"].put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=json.dumps(_policy("*")))
        self._asking = self._clients(*self._new_user(setup["iam"], "asking"))
        self._enforce_after("0")

    def ask(self, question: Question) -> str:
        """Return ALLOWED or DENIED."""
        from botocore.exceptions import ClientError

        nothing = _policy("none:Nothing")
        for slot in range(_POLICY_SLOTS):
            document = question.identity[slot] if slot < len(question.identity) else nothing
            self._iam.put_user_policy(UserName="asking", PolicyName=f"p{slot}", PolicyDocument=json.dumps(document))
        try:
            self._request(question.action, question.resource)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            assert code in ("AccessDenied", "403", "NoSuchKey"), f"moto answers {code}"
            return ALLOWED if code == "NoSuchKey" else DENIED
        return ALLOWED

    def stop_enforcement(self) -> None:
        """Let every request pass again: the setting is one of the process that the server runs in."""
        self._enforce_after("inf")

    def _request(self, action: str, resource: str) -> None:
        service, name = action.split(":")
        client = self._asking[service]
        target = resource.rpartition(":")[2]
        bucket, _, key = target.partition("/")
        match name:
            case "GetObject":
                client.get_object(Bucket=bucket, Key=key)
            case "PutObject":
                client.put_object(Bucket=bucket, Key=key, Body=b"")
            case "DeleteObject":
                client.delete_object(Bucket=bucket, Key=key)
            case "ListBucket":
                client.list_objects_v2(Bucket=bucket)
            case _:
                client.get_queue_attributes(QueueUrl=self._urls[target], AttributeNames=["QueueArn"])

    def _new_user(self, iam: Any, name: str) -> tuple[str, str]:
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def _clients(self, key: str, secret: str) -> dict[str, Any]:
        import boto3
        from botocore.config import Config

        config = Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"})
        session = boto3.Session(key, secret, region_name=_REGION)
        return {name: session.client(name, endpoint_url=self._endpoint, config=config) for name in ("iam", "s3", "sqs")}

    def _enforce_after(self, requests: str) -> None:
        from urllib.request import Request, urlopen

        url = f"{self._endpoint}/moto-api/reset-auth"
        with urlopen(Request(url, requests.encode(), {"Content-Type": "text/plain"})):
            pass


def _policy(action: str) -> Document:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


@contextmanager
def running_moto() -> Iterator[Moto]:
    """Run moto's server on a free port of this machine."""
    import logging

    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        moto = Moto(f"http://{host}:{port}")
        try:
            yield moto
        finally:
            moto.stop_enforcement()
    finally:
        server.stop()


def ask_moto(questions: Sequence[Question]) -> list[str]:
    """Return moto's verdicts."""
    with running_moto() as moto:
        return [moto.ask(question) for question in questions]
