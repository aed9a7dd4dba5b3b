"""Deploys a sample application with generated roles into moto's server, and runs its handlers under them.

`deployment.json` of an application says how:

- `parameters`: of the template; `made`: resources that moto's CloudFormation does not know, by logical id, with the
  call that makes each and where in its response `Ref` and the attributes stand; `before`: further calls of an
  administrator.
- `runs`: the function, its event (a file) and `outcome`: what the handler returns (a mapping: at least these keys), or
  `{"raises": "words"}`. `first` are functions with events that run before, without being asked whether they may.
  `${Name}` in events and calls is what the resource of the template is called.
- `unchecked`: by function, the grants that no run can need, `action` or `action on *arn*`, each with the reason, a word
  of `REASONS`.
- `policies`: `json` where the roles cannot be put into the template.
"""

from __future__ import annotations

import ast
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from analyzer.model.deployment import Deployment
from analyzer.model.workload import Workload
from analyzer.templates import read_workloads
from tests.deploy.authorizations import ACCOUNT, REGION
from tests.deploy.stack import TRUST, deployable, filled, variables

ROOT = Path(__file__).resolve().parents[2]
APPS = ROOT / "fixtures" / "apps"
STAND_INS = Path(__file__).parent / "stand_ins"
_STACK = "app"

REASONS = {
    "platform": "Lambda itself makes the request, before or after the handler, and moto's Lambda does not",
    "key": "a service uses the key on behalf of the caller, and moto's services ask for no key",
    "presigned": "whoever is given the URL makes the request, after the handler",
}
"""Why the deletion of a grant is not tried."""

Json = Any


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one resource."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"

    def allows(self, entry: Json) -> bool:
        """Say whether what was asked of IAM is allowed by this."""
        return fnmatch.fnmatchcase(entry["action"], self.action) and _like(entry["resource"], self.resource)


@dataclass(slots=True)
class Report:
    """What came of an application: `wrong` is empty if all is as it has to be.

    `unchecked` are the grants whose deletion is not tried, with function and reason.
    """

    name: str
    authorized: int = 0
    deleted: int = 0
    refused: int = 0
    functions: int = 0
    unchecked: list[tuple[str, Grant, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Cloud:
    """A running server, an administrator's clients, and a process that runs handlers."""

    def __init__(self, server: subprocess.Popen[str], handlers: subprocess.Popen[str]) -> None:
        assert server.stdout is not None
        self.endpoint = f"http://127.0.0.1:{int(server.stdout.readline())}"
        self._handlers = handlers
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return a client whose requests are allowed as long as nothing is enforced."""
        import boto3
        from botocore.config import Config

        if service not in self._clients:
            session = boto3.Session("admin", "admin", region_name=REGION)
            self._clients[service] = session.client(
                service, endpoint_url=self.endpoint, config=Config(retries={"max_attempts": 0})
            )
        return self._clients[service]

    def reset(self) -> None:
        """Forget everything that was made; what is made then gets the same names every time."""
        self._post("reset", b"")
        self._post("seed?a=1", b"")
        self._post("config", b'{"lambda": {"use_docker": false}}')

    def enforce(self, *, on: bool) -> None:
        """Ask IAM about every request from now on, or none."""
        self._post("reset-auth", b"0" if on else b"inf")

    def asked(self) -> list[Json]:
        """Return what IAM was asked since the last time."""
        from urllib.request import urlopen

        with urlopen(f"{self.endpoint}/authorizations") as answer:
            return list(json.load(answer))

    def run(self, job: Json) -> Json:
        """Run a handler and return its outcome."""
        assert self._handlers.stdin is not None and self._handlers.stdout is not None
        self._handlers.stdin.write(json.dumps(job) + "\n")
        self._handlers.stdin.flush()
        return json.loads(self._handlers.stdout.readline())

    def _post(self, path: str, body: bytes) -> None:
        from urllib.request import Request, urlopen

        url = f"{self.endpoint}/moto-api/{path}"
        with urlopen(Request(url, body, {"Content-Type": "text/plain"}, method="POST")):
            pass


@contextmanager
def running_cloud() -> Iterator[Cloud]:
    """Run a server and a process for handlers, each of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "LPA_", "COVERAGE"))
    }
    environment |= {"PYTHONPATH": str(ROOT), "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= {"MOTO_LAMBDA_SIMPLE": "1", "MOTO_ACCOUNT_ID": ACCOUNT}
    with tempfile.TemporaryDirectory() as empty:
        started = [
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", f"tests.deploy.{name}"],
                cwd=ROOT,
                env=environment | {"HOME": empty},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in ("server", "handlers")
        ]
        try:
            yield Cloud(*started)
        finally:
            for process in started:
                process.kill()
                process.communicate()


class Application:
    """A sample application, read once, and what `lpa generate` makes of it."""

    def __init__(self, name: str) -> None:
        self.folder = APPS / name
        self.said: Json = json.loads((self.folder / "deployment.json").read_text(encoding="utf-8"))
        self.template = self.said.get("template") or next(path.name for path in self.folder.glob("template.*"))
        parsed = yaml_parse((self.folder / self.template).read_text(encoding="utf-8"))
        self.plain: Json = json.loads(json.dumps(parsed, default=str))
        self.parameters: dict[str, str] = self.said.get("parameters", {})
        found = read_workloads([self.template], str(self.folder), Deployment(), dict(sorted(self.parameters.items())))
        self.workloads: dict[str, Workload] = {one.id: one for one in found.workloads if one.machine is None}
        self.functions = list(dict.fromkeys(run["function"] for run in self.said["runs"]))

    def runs(self, function: str) -> list[Json]:
        return [run for run in self.said["runs"] if run["function"] == function]

    def roles(self) -> Json:
        """Return the role resources that `lpa generate --as cloudformation` writes."""
        written = self._generate("-", "--as", "cloudformation")
        return json.loads(json.dumps(yaml_parse(written)["Resources"], default=str))

    def policies(self) -> dict[str, Json]:
        """Return the policies that `lpa generate` writes, by function."""
        place = ["--account", ACCOUNT, "--region", REGION]
        with tempfile.TemporaryDirectory() as folder:
            self._generate(f"{folder}/role.json", *place)
            written = {path.stem: json.loads(path.read_text()) for path in Path(folder).iterdir()}
        alone = written.get("role")
        return {name: alone or written[f"role-{name.replace('/', '-')}"] for name in self.functions}

    def _generate(self, *arguments: str) -> str:
        command = [str(Path(sys.executable).with_name("lpa")), "generate", *arguments, "--template", self.template]
        for name, value in sorted(self.parameters.items()):
            command += ["--parameter-overrides", f"{name}={value}"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout


class Deployed:
    """An application in the cloud; it is deployed anew for every run, so that no run sees what another did."""

    def __init__(self, app: Application, cloud: Cloud, roles: Json) -> None:
        self._app, self._cloud, self._roles = app, cloud, roles
        self._called: dict[str, str] = {}
        self._environments: dict[str, dict[str, str]] = {}

    def again(self) -> None:
        """Make everything anew, and enforce nothing."""
        cloud, app = self._cloud, self._app
        cloud.enforce(on=False)
        cloud.reset()
        cloud.client("iam").create_role(RoleName="none", AssumeRolePolicyDocument=json.dumps(TRUST))
        made = {name: self._make(**how) for name, how in app.said.get("made", {}).items()}
        names = {name for name in app.workloads if "/" not in name}
        template = deployable(app.plain, made, self._roles, names)
        formation = cloud.client("cloudformation")
        formation.create_stack(
            StackName=_STACK,
            TemplateBody=json.dumps(template),
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in sorted(app.parameters.items())
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (stack,) = formation.describe_stacks(StackName=_STACK)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stack
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
        self._environments = {
            name: {
                variable: outputs[f"{name}X{number}"] for number, (variable, _) in enumerate(variables(app.plain, name))
            }
            for name in names
        }
        resources = formation.describe_stack_resources(StackName=_STACK)["StackResources"]
        self._called = {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in resources}
        self._called |= {name: called["Ref"] for name, called in made.items() if "Ref" in called}
        for service, method, parameters in app.said.get("before", ()):
            getattr(cloud.client(service), method)(**self.filled(parameters))

    def filled(self, value: Json) -> Json:
        return filled(value, self._called.get)

    def role_policies(self, function: str) -> list[Json]:
        """Return what the generated role of a function allows, resolved by CloudFormation."""
        own = self._app.workloads[function].grants.role
        iam, name = self._cloud.client("iam"), self._called[own if own in self._roles else f"{function}Role"]
        found = [
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        ]
        # moto's CloudFormation keeps a document as Python writes it.
        return [ast.literal_eval(one) if isinstance(one, str) else one for one in found]

    def run(self, function: str, policy: Json) -> tuple[list[Json], list[Json]]:
        """Run a function's events under a policy; return the outcomes, and what was asked of IAM."""
        self.again()
        iam = self._cloud.client("iam")
        role = iam.create_role(RoleName="under-test", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        iam.put_role_policy(RoleName="under-test", PolicyName="generated", PolicyDocument=json.dumps(policy))
        sts = self._cloud.client("sts")
        keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="lambda")["Credentials"]
        for earlier in (one for run in self._app.runs(function) for one in run.get("first", ())):
            done = self._cloud.run(self._job(earlier, keys))
            assert "error" not in done, done
        self._cloud.enforce(on=True)
        self._cloud.asked()
        outcomes = [self._cloud.run(self._job(run, keys)) for run in self._app.runs(function)]
        asked = self._cloud.asked()
        self._cloud.enforce(on=False)
        return outcomes, asked

    def _job(self, run: Json, keys: Json) -> Json:
        folder, workload = self._app.folder, self._app.workloads[run["function"]]
        event = json.loads((folder / run["event"]).read_text(encoding="utf-8"))
        name = self._called.get(run["function"], run["function"])
        path = [str(folder / code) for code in workload.code]
        if workload.inline is not None:
            inline = tempfile.mkdtemp(prefix="lpa-inline-")
            Path(inline, "index.py").write_text(workload.inline.text, encoding="utf-8")
            path = [inline, *path]
        own = self._environments.get(run["function"]) or self.filled(run.get("environment", {}))
        return {
            "handler": workload.handler,
            "entry": str(folder / workload.entry) if workload.entry else None,
            "path": path,
            "stand_ins": str(STAND_INS),
            "event": self.filled(event),
            "environment": {
                **own,
                "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                "AWS_SESSION_TOKEN": keys["SessionToken"],
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ENDPOINT_URL": self._cloud.endpoint,
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_MAX_ATTEMPTS": "1",
                "POWERTOOLS_DEV": "0",
                "POWERTOOLS_METRICS_NAMESPACE": "samples",
                "POWERTOOLS_SERVICE_NAME": "sample",
            },
        }

    def _make(self, call: Json, gives: Json) -> dict[str, str]:
        service, method, parameters = call
        response = getattr(self._cloud.client(service), method)(**parameters)
        return {attribute: _at(response, path) for attribute, path in gives.items()}


def deploy(name: str, cloud: Cloud) -> Report:
    """Run an application's handlers under their generated policies, whole and with each grant deleted."""
    app = Application(name)
    report = Report(name, functions=len(app.functions))
    as_json = app.policies()
    in_template = {} if app.said.get("policies") == "json" else app.roles()
    deployed = Deployed(app, cloud, in_template)
    for function in app.functions:
        policies = {"lpa generate": as_json[function]}
        if in_template:
            deployed.again()
            documents = deployed.role_policies(function)
            policies = {"--as cloudformation": _joined(documents), **policies}
        (exact_name, exact), *others = policies.items()
        asked = _authorized(deployed, function, exact, f"{function} ({exact_name})", report)
        for how, policy in others:
            _authorized(deployed, function, policy, f"{function} ({how})", report)
        _hold_deletions(deployed, function, _grants(exact), asked, report)
    return report


def _authorized(deployed: Deployed, function: str, policy: Json, what: str, report: Report) -> list[Json]:
    """Run a function under a policy and hold that everything is allowed, asked about, and comes out as expected."""
    app = deployed._app
    outcomes, asked = deployed.run(function, policy)
    for entry in asked:
        if not entry.get("allowed"):
            report.wrong.append(f"{what}: {entry.get('unknown') or _shown(entry)} of {entry['request']} is not allowed")
    for run, outcome in zip(app.runs(function), outcomes, strict=True):
        expected = deployed.filled(run["outcome"])
        if not _as_expected(outcome, expected):
            report.wrong.append(f"{what}: {run['event']} gives {outcome}, not {expected}")
    requested = {request for outcome in outcomes for request in outcome["requests"]}
    known = {entry["request"] for entry in asked}
    for request in sorted({_plain(one) for one in requested} - {_plain(one) for one in known}):
        report.wrong.append(f"{what}: nobody was asked about {request}")
    report.authorized += len(asked)
    return asked


def _hold_deletions(deployed: Deployed, function: str, grants: list[Grant], asked: list[Json], report: Report) -> None:
    """Delete each grant that is to be checked and hold that it is missed; hold that the others are not needed."""
    unchecked = dict(deployed._app.said.get("unchecked", {}).get(function, {}))
    used = set()
    for grant in grants:
        pattern = next((one for one in unchecked if _names_grant(one, grant)), None)
        needed = any(grant.allows(entry) for entry in asked)
        if pattern is not None:
            used.add(pattern)
            report.unchecked.append((function, grant, unchecked[pattern]))
            if unchecked[pattern] not in REASONS:
                report.wrong.append(f"{function}: {unchecked[pattern]} is no reason for not trying {grant}")
            if needed:
                report.wrong.append(f"{function}: {grant} is checked by a run, and said not to be")
            continue
        if not needed:
            report.wrong.append(f"{function}: no run needs {grant}")
        else:
            report.deleted += 1
            rest = _policy([other for other in grants if other != grant])
            _, asked_then = deployed.run(function, rest)
            if any(not entry.get("allowed") and grant.allows(entry) for entry in asked_then):
                report.refused += 1
            else:
                report.wrong.append(f"{function}: without {grant} nothing is refused")
    report.wrong += [f"{function}: nothing is granted that {one} names" for one in sorted(set(unchecked) - used)]


def _joined(documents: list[Json]) -> Json:
    return {"Version": "2012-10-17", "Statement": [one for document in documents for one in document["Statement"]]}


def _grants(policy: Json) -> list[Grant]:
    """Return what a policy without conditions allows, each action on each resource once."""
    found: dict[Grant, None] = {}
    for statement in policy["Statement"]:
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                found[Grant(action, resource)] = None
    return list(found)


def _policy(grants: list[Grant]) -> Json:
    statements = [{"Effect": "Allow", "Action": one.action, "Resource": one.resource} for one in grants]
    nothing = [{"Effect": "Allow", "Action": "none:Nothing", "Resource": "*"}]
    return {"Version": "2012-10-17", "Statement": statements or nothing}


def _listed(value: Json) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _names_grant(pattern: str, grant: Grant) -> bool:
    action, _, resource = pattern.partition(" on ")
    return fnmatch.fnmatchcase(grant.action, action) and fnmatch.fnmatchcase(grant.resource, resource or "*")


def _like(text: str, pattern: str) -> bool:
    return re.match(fnmatch.translate(pattern.replace("[", "[[]")), text) is not None


def _as_expected(outcome: Json, expected: Json) -> bool:
    if isinstance(expected, dict) and "raises" in expected:
        return expected["raises"] in outcome.get("error", "")
    return "error" not in outcome and _holds(outcome["result"], expected)


def _holds(value: Json, expected: Json) -> bool:
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(
            key in value and _holds(value[key], item) for key, item in expected.items()
        )
    return bool(value == expected)


_SAME_FOR_S3 = {"ListObjects": "ListObjectsV2", "HeadBucket": "ListObjectsV2"}


def _plain(request: str) -> str:
    """Return the name of a request as both sides have it: moto does not tell some of S3 from others."""
    service, _, operation = request.partition(".")
    return f"{service}.{_SAME_FOR_S3.get(operation, operation)}" if service == "s3" else request


def _shown(entry: Json) -> str:
    return f"{entry['action']} on {entry['resource']}"


def _at(response: Json, path: str) -> str:
    """Return what stands in a response at a path; a text with `=` before it is the value itself."""
    if path.startswith("="):
        return path[1:]
    for key in path.split("."):
        response = response[key]
    return str(response)
