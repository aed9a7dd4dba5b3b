"""Generated repositories of serverless functions, as large ones are laid out: `repository.py sam|roles FOLDER [COUNT]`.

`sam` is a SAM application: a template that nests one for each domain, thirty functions in each, a layer of modules that
all functions share, and modules that those of a domain share. `roles` are handlers with a policy file each and the same
modules. The same count gives the same bytes. What a function calls is drawn from the blocks below, so that no two are
alike; of ten policies, one lacks something, and two allow too much, so that there are findings.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path

PER_DOMAIN = 30
DOMAINS = (
    "orders", "billing", "catalog", "shipping", "accounts", "search", "reviews", "returns", "pricing", "loyalty",
    "fraud", "inventory", "support", "reports", "partners", "content", "payments", "taxes", "delivery", "identity",
)  # fmt: skip

# The layer

_LAYER = {
    "config.py": '''\
"""Settings from the environment, read once for each execution environment."""
import os
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class Settings:
    stage: str = field(default_factory=lambda: os.environ.get("STAGE", "dev"))
    log_level: str = field(default_factory=lambda: os.environ.get("LOG_LEVEL", "INFO"))
    table_name: Optional[str] = field(default_factory=lambda: os.environ.get("TABLE_NAME"))

    @property
    def is_production(self) -> bool:
        return self.stage == "prod"


_settings = None


def settings() -> Settings:
    global _settings
    if _settings is None:
        _settings = Settings()
    return _settings


def required(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise RuntimeError(f"the environment variable {name} is not set") from None
''',
    "logs.py": '''\
"""Structured logs."""
import json
import logging
import sys
import time
from contextlib import contextmanager

from common.config import settings


class JsonFormatter(logging.Formatter):
    def format(self, record):
        document = {"level": record.levelname, "message": record.getMessage(), "logger": record.name}
        if record.exc_info:
            document["error"] = self.formatException(record.exc_info)
        document.update(getattr(record, "extra", {}))
        return json.dumps(document, default=str)


def get_logger(name):
    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
    logger.setLevel(settings().log_level)
    return logger


@contextmanager
def timed(logger, what):
    started = time.perf_counter()
    try:
        yield
    finally:
        logger.info("%s took %.3f s", what, time.perf_counter() - started)
''',
    "http.py": '''\
"""Answers for API Gateway, and what is read from its events."""
import base64
import json
from decimal import Decimal
from functools import wraps

from common.logs import get_logger

logger = get_logger(__name__)


class HttpError(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


class BadRequest(HttpError):
    def __init__(self, message="bad request"):
        super().__init__(400, message)


class NotFound(HttpError):
    def __init__(self, message="not found"):
        super().__init__(404, message)


def _plain(value):
    if isinstance(value, Decimal):
        return int(value) if value % 1 == 0 else float(value)
    raise TypeError(f"{type(value)} cannot be written as JSON")


def response(status, body=None, headers=None):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **(headers or {})},
        "body": json.dumps(body, default=_plain) if body is not None else "",
    }


def body_of(event):
    text = event.get("body") or "{}"
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text).decode("utf-8")
    try:
        return json.loads(text)
    except ValueError:
        raise BadRequest("the body is not JSON") from None


def path_parameter(event, name):
    value = (event.get("pathParameters") or {}).get(name)
    if not value:
        raise BadRequest(f"{name} is missing")
    return value


def api(function):
    @wraps(function)
    def wrapper(event, context):
        try:
            return function(event, context)
        except HttpError as error:
            logger.warning("%s: %s", error.status, error.message)
            return response(error.status, {"message": error.message})

    return wrapper
''',
    "tables.py": '''\
"""A table and what is done with it."""
import time
from typing import Any, Dict, Iterator, List, Optional

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from common.config import required
from common.logs import get_logger

logger = get_logger(__name__)
_dynamodb = None


def dynamodb():
    global _dynamodb
    if _dynamodb is None:
        _dynamodb = boto3.resource("dynamodb")
    return _dynamodb


class Repository:
    """Items of one kind in a table with a partition key and a sort key."""

    kind = "item"

    def __init__(self, variable: str = "TABLE_NAME") -> None:
        self.table = dynamodb().Table(required(variable))

    def key(self, identifier: str, part: str = "main") -> Dict[str, str]:
        return {"pk": f"{self.kind}#{identifier}", "sk": part}

    def find(self, identifier: str) -> Optional[Dict[str, Any]]:
        found = self.table.get_item(Key=self.key(identifier), ConsistentRead=True)
        return found.get("Item")

    def save(self, identifier: str, values: Dict[str, Any]) -> Dict[str, Any]:
        item = {**self.key(identifier), **values, "updated": int(time.time())}
        try:
            self.table.put_item(Item=item, ConditionExpression=Attr("pk").not_exists() | Attr("locked").ne(True))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            logger.warning("%s is locked", identifier)
        return item

    def change(self, identifier: str, **values: Any) -> None:
        names = {f"#{name}": name for name in values}
        given = {f":{name}": value for name, value in values.items()}
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in values)
        self.table.update_item(
            Key=self.key(identifier),
            UpdateExpression=expression,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=given,
        )

    def remove(self, identifier: str) -> None:
        self.table.delete_item(Key=self.key(identifier))

    def parts(self, identifier: str) -> Iterator[Dict[str, Any]]:
        arguments = {"KeyConditionExpression": Key("pk").eq(f"{self.kind}#{identifier}")}
        while True:
            page = self.table.query(**arguments)
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def write_all(self, items: List[Dict[str, Any]]) -> int:
        with self.table.batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)
        return len(items)
''',
    "storage.py": '''\
"""Documents in a bucket."""
import gzip
import json
from datetime import datetime, timezone

import boto3

from common.config import required

_s3 = boto3.client("s3")


class Documents:
    def __init__(self, prefix, variable="BUCKET_NAME"):
        self.bucket = required(variable)
        self.prefix = prefix

    def name(self, identifier, suffix="json"):
        return f"{self.prefix}/{identifier}.{suffix}"

    def read(self, identifier):
        answer = _s3.get_object(Bucket=self.bucket, Key=self.name(identifier))
        return json.loads(answer["Body"].read())

    def write(self, identifier, document):
        _s3.put_object(
            Bucket=self.bucket,
            Key=self.name(identifier),
            Body=json.dumps(document).encode("utf-8"),
            ContentType="application/json",
        )

    def archive(self, identifier, document):
        day = datetime.now(timezone.utc).strftime("%Y/%m/%d")
        body = gzip.compress(json.dumps(document).encode("utf-8"))
        _s3.put_object(Bucket=self.bucket, Key=f"archive/{self.prefix}/{day}/{identifier}.json.gz", Body=body)

    def names(self):
        pages = _s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/")
        for page in pages:
            for entry in page.get("Contents", []):
                yield entry["Key"]
''',
    "messages.py": '''\
"""Events and messages to other services."""
import json
import uuid

import boto3

from common.config import required, settings
from common.logs import get_logger

logger = get_logger(__name__)
events = boto3.client("events")
sqs = boto3.client("sqs")
sns = boto3.client("sns")


class Publisher:
    def __init__(self, source):
        self.source = source

    def publish(self, kind, detail):
        entry = {
            "Source": f"shop.{self.source}",
            "DetailType": kind,
            "Detail": json.dumps(detail, default=str),
            "EventBusName": required("EVENT_BUS"),
        }
        answer = events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            logger.error("%s was not published", kind)


def enqueue(body, variable="QUEUE_URL", delay=0):
    return sqs.send_message(QueueUrl=required(variable), MessageBody=json.dumps(body), DelaySeconds=delay)["MessageId"]


def notify(subject, text, variable="TOPIC_ARN"):
    sns.publish(TopicArn=required(variable), Subject=f"[{settings().stage}] {subject}", Message=text)


def records(event):
    for record in event.get("Records", []):
        yield record.get("messageId") or str(uuid.uuid4()), json.loads(record["body"])
''',
    "secrets.py": '''\
"""Secrets and parameters, kept for as long as the execution environment lives."""
import json
from functools import lru_cache

import boto3

from common.config import required, settings


@lru_cache(maxsize=None)
def _client(service):
    return boto3.client(service)


@lru_cache(maxsize=16)
def secret(variable="SECRET_ARN"):
    value = _client("secretsmanager").get_secret_value(SecretId=required(variable))
    return json.loads(value["SecretString"])


@lru_cache(maxsize=64)
def parameter(name):
    answer = _client("ssm").get_parameter(Name=f"/shop/{settings().stage}/{name}", WithDecryption=True)
    return answer["Parameter"]["Value"]
''',
    "retry.py": '''\
"""Trying again."""
import random
import time
from functools import wraps

from botocore.exceptions import ClientError

TEMPORARY = {"ThrottlingException", "ProvisionedThroughputExceededException", "ServiceUnavailable"}


def retried(attempts=3, base=0.1):
    def decorate(function):
        @wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(attempts):
                try:
                    return function(*args, **kwargs)
                except ClientError as error:
                    if error.response["Error"]["Code"] not in TEMPORARY or attempt == attempts - 1:
                        raise
                    time.sleep(base * 2**attempt + random.random() * base)

        return wrapper

    return decorate
''',
}

# What the functions of a domain share

_DOMAIN = '''\
"""What the functions of {domain} share."""
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from enum import Enum
from typing import List, Optional

from common.logs import get_logger
from common.messages import Publisher
from common.tables import Repository

logger = get_logger("{domain}")
publisher = Publisher("{domain}")


class State(str, Enum):
    NEW = "new"
    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Line:
    sku: str
    quantity: int = 1
    price: int = 0

    @property
    def total(self) -> int:
        return self.quantity * self.price


@dataclass
class {entity}:
    identifier: str
    customer: str
    state: State = State.NEW
    lines: List[Line] = field(default_factory=list)
    created: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())
    note: Optional[str] = None

    @classmethod
    def from_item(cls, item):
        lines = [Line(**line) for line in item.get("lines", [])]
        return cls(item["id"], item.get("customer", ""), State(item.get("state", "new")), lines)

    def to_item(self):
        return {{**asdict(self), "id": self.identifier, "total": self.total}}

    @property
    def total(self) -> int:
        return sum(line.total for line in self.lines)

    def problems(self) -> List[str]:
        found = []
        if not self.customer:
            found.append("customer is missing")
        for number, line in enumerate(self.lines):
            if line.quantity < 1:
                found.append(f"line {{number}}: quantity is {{line.quantity}}")
        return found


class {entity}Repository(Repository):
    kind = "{domain}"

    def load(self, identifier) -> Optional[{entity}]:
        item = self.find(identifier)
        return {entity}.from_item(item) if item else None

    def store(self, entity: {entity}) -> None:
        self.save(entity.identifier, entity.to_item())
        publisher.publish("{entity}Stored", {{"id": entity.identifier, "state": entity.state.value}})
'''

# The functions


@dataclass(frozen=True, slots=True)
class Block:
    """Something that a function does: its imports, what is made at the module's level, a function, and its call.

    `needs` are the actions with the names of the resources below that they are for, `variables` what it reads.
    """

    name: str
    imports: str
    top: str
    body: str
    call: str
    needs: tuple[tuple[str, str], ...]
    variables: tuple[str, ...] = ()


BLOCKS = (
    Block(
        "load",
        "",
        "",
        '''\
def load_{verb}(identifier):
    """Return what is known of it, or complain."""
    entity = repository().load(identifier)
    if entity is None:
        raise NotFound(f"{entity} {{identifier}} does not exist")
    problems = entity.problems()
    if problems:
        logger.warning("%s: %s", identifier, "; ".join(problems))
    return entity
''',
        'entity = load_{verb}(identifier)\n        result["total"] = entity.total',
        (("dynamodb:GetItem", "table"),),
        ("TABLE_NAME",),
    ),
    Block(
        "store",
        "",
        "",
        '''\
def store_{verb}(identifier, values):
    """Write it, with its lines, and tell the others."""
    lines = [Line(**line) for line in values.get("lines", []) if line.get("sku")]
    entity = {entity}(identifier, values.get("customer", ""), State.OPEN, lines)
    if entity.total > LIMIT:
        entity.note = "to be approved"
    repository().store(entity)
    return entity.to_item()
''',
        'result["stored"] = store_{verb}(identifier, values)',
        (("dynamodb:PutItem", "table"), ("events:PutEvents", "bus")),
        ("TABLE_NAME", "EVENT_BUS"),
    ),
    Block(
        "history",
        "from boto3.dynamodb.conditions import Key",
        'history_table = boto3.resource("dynamodb").Table(os.environ["HISTORY_TABLE"])',
        '''\
def history_of(identifier, newest=20):
    """Return what happened to it, the newest first."""
    entries = []
    arguments = {{"KeyConditionExpression": Key("pk").eq(identifier), "ScanIndexForward": False, "Limit": newest}}
    while len(entries) < newest:
        page = history_table.query(**arguments)
        entries.extend(page.get("Items", []))
        if "LastEvaluatedKey" not in page:
            break
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    history_table.put_item(Item={{"pk": identifier, "sk": str(time.time()), "what": "{verb}"}})
    return entries[:newest]
''',
        'result["history"] = len(history_of(identifier))',
        (("dynamodb:Query", "history"), ("dynamodb:PutItem", "history")),
        ("HISTORY_TABLE",),
    ),
    Block(
        "documents",
        "from common.storage import Documents",
        "",
        '''\
def document_of(identifier, values):
    """Keep the document and a copy in the archive."""
    documents = Documents("{domain}/{verb}")
    try:
        known = documents.read(identifier)
    except Exception as error:
        logger.info("no document yet: %s", error)
        known = {{}}
    known.update(values)
    documents.write(identifier, known)
    if settings().is_production:
        documents.archive(identifier, known)
    return known
''',
        'result["document"] = sorted(document_of(identifier, values))',
        (("s3:GetObject", "objects"), ("s3:PutObject", "objects")),
        ("BUCKET_NAME",),
    ),
    Block(
        "export",
        "import csv\nimport io",
        's3 = boto3.client("s3")',
        '''\
def export(identifier, rows):
    """Write rows as CSV and return a link to them."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, fieldnames=["sku", "quantity", "price"])
    writer.writeheader()
    for row in rows:
        writer.writerow({{name: row.get(name) for name in ("sku", "quantity", "price")}})
    key = f"exports/{verb}/{{identifier}}.csv"
    s3.put_object(Bucket=os.environ["BUCKET_NAME"], Key=key, Body=buffer.getvalue().encode("utf-8"))
    s3.head_object(Bucket=os.environ["BUCKET_NAME"], Key=key)
    return s3.generate_presigned_url(
        "get_object", Params={{"Bucket": os.environ["BUCKET_NAME"], "Key": key}}, ExpiresIn=900
    )
''',
        'result["link"] = export(identifier, values.get("lines", []))',
        (("s3:PutObject", "objects"), ("s3:GetObject", "objects")),
        ("BUCKET_NAME",),
    ),
    Block(
        "queue",
        "from common.messages import enqueue",
        "",
        '''\
@retried(attempts=4)
def hand_on(identifier, step="{verb}"):
    """Let somebody else go on with it."""
    body = {{"id": identifier, "step": step, "stage": settings().stage}}
    message = enqueue(body, delay=0 if settings().is_production else 5)
    logger.info("%s handed on as %s", identifier, message)
    return message
''',
        'result["message"] = hand_on(identifier)',
        (("sqs:SendMessage", "queue"),),
        ("QUEUE_URL",),
    ),
    Block(
        "notify",
        "from common.messages import notify",
        "",
        '''\
def tell_of(identifier, result):
    """Tell people about it, if it matters."""
    total = result.get("total") or 0
    if total > LIMIT or result.get("problems"):
        notify("{verb}: look at this", f"{{identifier}}: {{json.dumps(result, default=str)}}")
        return True
    return False
''',
        'result["told"] = tell_of(identifier, result)',
        (("sns:Publish", "topic"),),
        ("TOPIC_ARN",),
    ),
    Block(
        "secret",
        "import urllib.request\n\nfrom common.secrets import parameter, secret",
        "",
        '''\
def partner(identifier):
    """Ask the partner what it knows."""
    host = parameter("{domain}/partner-host")
    token = secret()["token"]
    request = urllib.request.Request(f"https://{{host}}/v1/{verb}/{{identifier}}")
    request.add_header("authorization", f"Bearer {{token}}")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)
''',
        'result["partner"] = partner(identifier)',
        (("ssm:GetParameter", "parameter"), ("secretsmanager:GetSecretValue", "secret")),
        ("SECRET_ARN",),
    ),
    Block(
        "workflow",
        "",
        'machines = boto3.client("stepfunctions")',
        '''\
def start_workflow(identifier, values):
    """Start the workflow, once for each day."""
    name = f"{verb}-{{identifier}}-{{time.strftime('%Y%m%d')}}"
    try:
        started = machines.start_execution(
            stateMachineArn=os.environ["MACHINE_ARN"], name=name, input=json.dumps({{"id": identifier, **values}})
        )
    except machines.exceptions.ExecutionAlreadyExists:
        logger.info("%s runs already", name)
        return None
    return started["executionArn"]
''',
        'result["workflow"] = start_workflow(identifier, values)',
        (("states:StartExecution", "machine"),),
        ("MACHINE_ARN",),
    ),
    Block(
        "metric",
        "",
        'cloudwatch = boto3.client("cloudwatch")',
        '''\
def count(what, value=1, unit="Count"):
    """Count something."""
    dimensions = [{{"Name": "Function", "Value": "{verb}"}}, {{"Name": "Stage", "Value": settings().stage}}]
    cloudwatch.put_metric_data(
        Namespace="Shop/{domain}",
        MetricData=[{{"MetricName": what, "Value": value, "Unit": unit, "Dimensions": dimensions}}],
    )
''',
        'count("handled", len(result) or 1)',
        (("cloudwatch:PutMetricData", "*"),),
    ),
    Block(
        "other",
        "",
        'functions = boto3.client("lambda")',
        '''\
def ask(payload, kind="RequestResponse"):
    """Call the function that knows the prices."""
    answer = functions.invoke(
        FunctionName=os.environ["OTHER_FUNCTION"], InvocationType=kind, Payload=json.dumps(payload).encode("utf-8")
    )
    if answer.get("FunctionError"):
        raise RuntimeError(answer["Payload"].read().decode("utf-8"))
    return json.loads(answer["Payload"].read() or b"null")
''',
        'result["price"] = ask({{"id": identifier, "lines": values.get("lines", [])}})',
        (("lambda:InvokeFunction", "function"),),
        ("OTHER_FUNCTION",),
    ),
    Block(
        "counter",
        "",
        'client = boto3.client("dynamodb")',
        '''\
def next_number(name="{verb}"):
    """Return the next number of a sequence, and end what waits for it."""
    table = os.environ["HISTORY_TABLE"]
    answer = client.update_item(
        TableName=table,
        Key={{"pk": {{"S": f"sequence#{{name}}"}}, "sk": {{"S": "main"}}}},
        UpdateExpression="ADD #n :one",
        ExpressionAttributeNames={{"#n": "number"}},
        ExpressionAttributeValues={{":one": {{"N": "1"}}}},
        ReturnValues="UPDATED_NEW",
    )
    client.delete_item(TableName=table, Key={{"pk": {{"S": f"waiting#{{name}}"}}, "sk": {{"S": "main"}}}})
    return int(answer["Attributes"]["number"]["N"])
''',
        'result["number"] = next_number()',
        (("dynamodb:UpdateItem", "history"), ("dynamodb:DeleteItem", "history")),
        ("HISTORY_TABLE",),
    ),
)

_HEAD = '''\
"""{title}"""
import json
import os
import time
{imports}
import boto3

from common.config import settings
from common.http import NotFound, api, body_of, path_parameter, response
from common.logs import get_logger, timed
from common.retry import retried
from {domain}_shared.model import Line, {entity}, {entity}Repository, State

logger = get_logger(__name__)
LIMIT = {limit}
{top}
_repository = None


def repository():
    """Return the repository, made when it is needed first."""
    global _repository
    if _repository is None:
        _repository = {entity}Repository()
    return _repository


'''
_API = '''\
@api
def handler(event, context):
    """{title}"""
    identifier = path_parameter(event, "id")
    values = body_of(event)
    result = {{"id": identifier}}
    with timed(logger, "{verb}"):
        {calls}
    return response(200, result)
'''
_QUEUE = '''\
def handler(event, context):
    """{title}"""
    failed = []
    for record in event["Records"]:
        try:
            values = json.loads(record["body"])
            identifier = values["id"]
            logger.info("%s: %s", record["messageId"], handle(identifier, values))
        except Exception:
            logger.exception("%s failed", record["messageId"])
            failed.append({{"itemIdentifier": record["messageId"]}})
    return {{"batchItemFailures": failed}}


def handle(identifier, values):
    """Handle one message."""
    result = {{"id": identifier}}
    if values.get("state") in (State.NEW.value, State.OPEN.value, None):
        {calls}
    return result
'''
_VERBS = (
    "create", "update", "cancel", "confirm", "import", "split", "merge", "approve", "reject", "archive", "refresh",
    "validate", "enrich", "price", "reserve", "release", "assign", "escalate", "close", "reopen", "publish", "retract",
    "sync", "audit", "remind", "rate", "label", "route", "settle", "verify",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """A function: its name, domain and source, what it needs, and the variables that it reads."""

    name: str
    domain: str
    source: str
    needs: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]
    is_api: bool


def functions(count: int) -> list[Drawn]:
    """Return `count` functions, the same ones each time."""
    draw = random.Random(7)
    return [_function(number, draw) for number in range(count)]


def _function(number: int, draw: random.Random) -> Drawn:
    domain, verb = DOMAINS[number // PER_DOMAIN % len(DOMAINS)], _VERBS[number % PER_DOMAIN]
    blocks = [block for block in BLOCKS if block.name in set(draw.sample([one.name for one in BLOCKS], 4))]
    if not any(block.name in ("load", "store") for block in blocks):
        blocks.insert(0, BLOCKS[number % 2])
    is_api = draw.random() < 0.6
    words = {
        "domain": domain,
        "entity": _entity(domain),
        "verb": verb,
        "title": f"{verb.capitalize()} {domain}, number {number}.",
        "limit": draw.randrange(100, 100_000, 100),
        "imports": "".join(f"{block.imports}\n" for block in blocks if block.imports),
        "top": "".join(f"{block.top}\n" for block in blocks if block.top),
        "calls": "\n        ".join(block.call for block in blocks).format(entity=_entity(domain), verb=verb),
    }
    bodies = "\n\n".join(block.body.format(**words) for block in blocks)
    source = _HEAD.format(**words) + bodies + "\n\n" + (_API if is_api else _QUEUE).format(**words)
    needs = tuple(dict.fromkeys(need for block in blocks for need in block.needs))
    variables = tuple(dict.fromkeys(name for block in blocks for name in block.variables))
    return Drawn(f"{verb}_{number}", domain, source, needs, variables, is_api)


def _entity(domain: str) -> str:
    return f"{domain.removesuffix('s').capitalize()}Entity"


# A SAM application

_VARIABLES = {
    "TABLE_NAME": "!Ref Table",
    "HISTORY_TABLE": "!Ref History",
    "BUCKET_NAME": "!Ref Bucket",
    "QUEUE_URL": "!Ref Queue",
    "TOPIC_ARN": "!Ref Topic",
    "EVENT_BUS": "!Ref Bus",
    "SECRET_ARN": "!Ref Secret",
    "MACHINE_ARN": '!Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:shop"',
    "OTHER_FUNCTION": "shop-prices",
}
_RESOURCES = {
    "table": "!GetAtt Table.Arn",
    "history": "!GetAtt History.Arn",
    "objects": '!Sub "${Bucket.Arn}/*"',
    "queue": "!GetAtt Queue.Arn",
    "topic": "!Ref Topic",
    "bus": "!GetAtt Bus.Arn",
    "secret": "!Ref Secret",
    "parameter": '!Sub "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/shop/*"',
    "machine": '!Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:shop"',
    "function": '!Sub "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-prices"',
    "*": '"*"',
}
_TEMPLATE_HEAD = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Description: The functions of {domain}.
Parameters:
  Stage:
    Type: String
    Default: dev
Globals:
  Function:
    Runtime: python3.12
    Timeout: 30
    MemorySize: 512
    Layers: [!Ref Shared]
    Environment:
      Variables:
        STAGE: !Ref Stage
        LOG_LEVEL: INFO
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: ../../layers/shared
      CompatibleRuntimes: [python3.12]
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {{BillingMode: PAY_PER_REQUEST, KeySchema: [{{AttributeName: pk, KeyType: HASH}}]}}
  History:
    Type: AWS::DynamoDB::Table
    Properties: {{BillingMode: PAY_PER_REQUEST, KeySchema: [{{AttributeName: pk, KeyType: HASH}}]}}
  Bucket:
    Type: AWS::S3::Bucket
  Queue:
    Type: AWS::SQS::Queue
  Work:
    Type: AWS::SQS::Queue
    Properties: {{VisibilityTimeout: 180}}
  Topic:
    Type: AWS::SNS::Topic
  Bus:
    Type: AWS::Events::EventBus
    Properties: {{Name: !Sub "${{Stage}}-{domain}"}}
  Secret:
    Type: AWS::SecretsManager::Secret
"""
_FUNCTION = """\
  {id}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: functions.{name}.handler
      Environment:
        Variables:
{variables}
      Policies:
        - Version: "2012-10-17"
          Statement:
{statements}
      Events:
{event}
"""
_API_EVENT = """\
        Api:
          Type: HttpApi
          Properties: {{Path: "/{domain}/{name}/{{id}}", Method: POST}}"""
_QUEUE_EVENT = """\
        Work:
          Type: SQS
          Properties: {Queue: !GetAtt Work.Arn, FunctionResponseTypes: [ReportBatchItemFailures]}"""


def write_sam(folder: Path, count: int) -> None:
    """Write a SAM application of `count` functions."""
    _write_layer(folder / "layers/shared/python/common")
    drawn = functions(count)
    domains = list(dict.fromkeys(one.domain for one in drawn))
    for domain in domains:
        own = [one for one in drawn if one.domain == domain]
        top = folder / "services" / domain
        _write_domain(top / "src", domain, own)
        numbered = enumerate(own)
        text = _TEMPLATE_HEAD.format(domain=domain) + "".join(_sam_function(one, number) for number, one in numbered)
        (top / "template.yaml").write_text(text, encoding="utf-8")
    nested = "".join(
        f"  {domain.capitalize()}:\n    Type: AWS::Serverless::Application\n"
        f"    Properties: {{Location: services/{domain}/template.yaml, Parameters: {{Stage: !Ref Stage}}}}\n"
        for domain in domains
    )
    head = 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n'
    parameters = "Parameters:\n  Stage: {Type: String, Default: dev}\n"
    (folder / "template.yaml").write_text(f"{head}{parameters}Resources:\n{nested}", encoding="utf-8")


def _sam_function(one: Drawn, number: int) -> str:
    return _FUNCTION.format(
        id=one.name.title().replace("_", ""),
        name=one.name,
        variables="\n".join(f"          {name}: {_VARIABLES[name]}" for name in one.variables),
        statements="\n".join(
            f"            - {{Effect: Allow, Action: {action}, Resource: {_RESOURCES[resource]}}}"
            for action, resource in _granted(one, number)
        ),
        event=_API_EVENT.format(domain=one.domain, name=one.name) if one.is_api else _QUEUE_EVENT,
    )


def _granted(one: Drawn, number: int) -> list[tuple[str, str]]:
    """Return what the policy of a function allows: what it needs, but for every tenth."""
    granted = list(one.needs)
    if number % 10 == 3:
        granted.pop()
    elif number % 10 == 7:
        granted.append(("sqs:PurgeQueue", "queue"))
    elif number % 10 == 9:
        granted[0] = (f"{granted[0][0].partition(':')[0]}:*", "*")
    return granted


# Handlers with policies in files

_VALUES = {
    "TABLE_NAME": "main",
    "HISTORY_TABLE": "history",
    "BUCKET_NAME": "shop-data",
    "QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/work",
    "TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:news",
    "EVENT_BUS": "shop",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-AbCdEf",
    "MACHINE_ARN": "arn:aws:states:eu-west-1:123456789012:stateMachine:shop",
    "OTHER_FUNCTION": "shop-prices",
}
_ARNS = {
    "table": "arn:aws:dynamodb:eu-west-1:123456789012:table/main",
    "history": "arn:aws:dynamodb:eu-west-1:123456789012:table/history",
    "objects": "arn:aws:s3:::shop-data/*",
    "queue": "arn:aws:sqs:eu-west-1:123456789012:work",
    "topic": _VALUES["TOPIC_ARN"],
    "bus": "arn:aws:events:eu-west-1:123456789012:event-bus/shop",
    "secret": _VALUES["SECRET_ARN"],
    "parameter": "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/*",
    "machine": _VALUES["MACHINE_ARN"],
    "function": "arn:aws:lambda:eu-west-1:123456789012:function:shop-prices",
    "*": "*",
}


@dataclass(frozen=True, slots=True)
class Configured:
    """A handler that has a policy file, and the environment that it reads."""

    name: str
    policy: str
    sources: tuple[str, ...]
    handler: str
    environment: tuple[tuple[str, str], ...]

    def table(self) -> str:
        """Return its table of `lpa.toml`."""
        pinned = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self.environment)
        values = {"name": self.name, "handler": self.handler, "policy": self.policy, "source": list(self.sources)}
        lines = (f"{key} = {json.dumps(value)}\n" for key, value in values.items())
        return f"[[functions]]\n{''.join(lines)}env = {{ {pinned} }}\n\n"


def write_roles(folder: Path, count: int) -> list[Configured]:
    """Write `count` handlers with a policy file each, and return how each is checked."""
    _write_layer(folder / "layers/shared/python/common")
    drawn = functions(count)
    for domain in dict.fromkeys(one.domain for one in drawn):
        _write_domain(folder / "services" / domain / "src", domain, [one for one in drawn if one.domain == domain])
    (folder / "roles").mkdir()
    configured = []
    for number, one in enumerate(drawn):
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": _ARNS[resource]}
            for action, resource in _granted(one, number)
        ]
        path = folder / "roles" / f"{one.name}.json"
        path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2), encoding="utf-8")
        sources = (f"services/{one.domain}/src", "layers/shared/python")
        environment = tuple((name, _VALUES[name]) for name in one.variables)
        handler = f"functions.{one.name}.handler"
        configured.append(Configured(one.name, f"roles/{one.name}.json", sources, handler, environment))
    return configured


# What both have


def _write_layer(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    for name, text in _LAYER.items():
        (folder / name).write_text(text, encoding="utf-8")


def _write_domain(folder: Path, domain: str, own: list[Drawn]) -> None:
    for name in ("functions", f"{domain}_shared"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("", encoding="utf-8")
    model = _DOMAIN.format(domain=domain, entity=_entity(domain))
    (folder / f"{domain}_shared/model.py").write_text(model, encoding="utf-8")
    for one in own:
        (folder / "functions" / f"{one.name}.py").write_text(one.source, encoding="utf-8")


if __name__ == "__main__":
    kind, where, *counts = sys.argv[1:]
    writer = {"sam": write_sam, "roles": write_roles}[kind]
    writer(Path(where), int(counts[0]) if counts else 300)
