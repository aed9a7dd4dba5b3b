"""What starts a function, and what its event then holds.

Sources of the shapes of events:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html and
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from analyzer.iam.arn import parse_arn
from analyzer.iam.positioned_json import Array, Json, Object
from analyzer.model.values import OneOf, Value, alternatives
from analyzer.templates.intrinsics import Resolver
from analyzer.templates.nodes import find, is_call, text_of
from analyzer.templates.pieces import Pieces, pattern_of, value_of
from analyzer.templates.stack import Resource

# Where the event names the resource: by its name, and by its ARN.
_BUCKET: Final = "Records[].s3.bucket.name"
_DETAIL: Final = "detail.bucket.name"
_MAPPED: Final = "Records[].eventSourceARN"
_ARNS: Final = {
    "s3": "Records[].s3.bucket.arn",
    "sqs": _MAPPED,
    "kinesis": _MAPPED,
    "dynamodb": _MAPPED,
    "sns": "Records[].Sns.TopicArn",
}
# Not in the event: a property of Powertools' data class, made from the ARN.
_QUEUE_URL: Final = "Records[].queue_url"

# What a custom resource gets of its own properties.
_PROPERTIES: Final = "ResourceProperties"

# Where an event holds the one that a queue or topic has passed on.
_INNER: Final = {"sqs": "Records[].body", "sns": "Records[].Sns.Message"}
_CUSTOM: Final = ("AWS::CloudFormation::CustomResource", "Custom::")
_BUCKET_TYPE: Final = "AWS::S3::Bucket"
_NOTIFIED: Final = (("QueueConfigurations", "Queue"), ("TopicConfigurations", "Topic"))


@dataclass(frozen=True, slots=True)
class _Source:
    """What starts a function: `service` is a botocore client name, and `arn` says what the events are from.

    `resource` is that, if the template makes it.
    """

    service: str
    arn: Pieces
    resource: Resource | None


class EventReader:
    """Reads what starts the functions of one stack."""

    def __init__(self, resolver: Resolver) -> None:
        """Take the stack's resolver."""
        self._resolver = resolver
        self._resources = list(resolver.stack.resources.values())
        self._by_arn = {pattern_of(arn): resource for resource in self._resources for arn in resolver.arns(resource)}

    def _sources(self, function: Resource) -> tuple[_Source, ...]:
        """Return the queues, streams, topics and buckets whose events start `function`."""
        texts = (*self._resolver.arns(function), *self._resolver.name(function))
        own = {pattern_of(text) for text in texts}
        return tuple(source for resource in self._resources for source in self._of(resource, own))

    def _of(self, resource: Resource, own: set[str]) -> Iterator[_Source]:
        match resource.type:
            case "AWS::Lambda::EventSourceMapping" if self._names(resource.get("FunctionName"), own):
                yield from self._from_arn(resource.get("EventSourceArn"))
            case "AWS::S3::Bucket":
                configurations = self._resolver.items(resource.get("NotificationConfiguration", "LambdaConfigurations"))
                if any(self._names(find(one, "Function"), own) for one in configurations):
                    for arn in self._resolver.arns(resource):
                        yield self._source("s3", arn)
            case "AWS::SNS::Subscription" if self._names(resource.get("Endpoint"), own):
                yield from self._from_arn(resource.get("TopicArn"))
            case "AWS::SNS::Topic":
                if any(
                    self._names(find(one, "Endpoint"), own)
                    for one in self._resolver.items(resource.get("Subscription"))
                ):
                    for arn in self._resolver.arns(resource):
                        yield self._source("sns", arn)

    def _names(self, value: Json | None, own: set[str]) -> bool:
        """Say whether `value` names the function, or a version or alias of it."""
        if any(pattern_of(text) in own for text in self._resolver.texts(value)):
            return True
        named = self._resolver.stack.resources.get(text_of(find(value, "Ref")) or "")
        is_part = named is not None and named.type in ("AWS::Lambda::Alias", "AWS::Lambda::Version")
        return is_part and named is not None and self._names(named.get("FunctionName"), own)

    def _from_arn(self, value: Json | None) -> Iterator[_Source]:
        for arn in self._resolver.texts(value):
            parsed = parse_arn(pattern_of(arn))
            if parsed is not None:
                yield self._source(parsed.service, arn)

    def _source(self, service: str, arn: Pieces) -> _Source:
        pattern = pattern_of(arn)
        resource = self._by_arn.get(pattern) or self._by_arn.get(pattern.partition("/stream/")[0])
        return _Source(service, arn, resource)

    # What the event holds

    def event(self, function: Resource) -> tuple[tuple[str, Value], ...]:
        """Return what is known of the function's event: values by their path, as in `EventPart`."""
        known: dict[str, list[Value]] = {}
        for source in self._sources(function):
            if source.service == "s3" and source.resource is not None:
                _add(known, _BUCKET, value_of(self._resolver.name(source.resource)))
            if source.service in _ARNS:
                _add(known, _ARNS[source.service], value_of((source.arn,)))
            if source.service == "sqs" and source.resource is not None:
                _add(known, _QUEUE_URL, value_of(self._resolver.reference(source.resource)))
            for path, bucket in self._buckets_through(source.service, source.resource):
                _add(known, path, bucket)
        for bucket in self._buckets_of_rules(function):
            _add(known, _DETAIL, bucket)
        for resource in self._custom_resources(function):
            for name, written in resource.properties.members.items():
                for path, value in self._values(f"{_PROPERTIES}.{name}", written):
                    _add(known, path, value)
        return tuple((path, _one_of(known[path])) for path in sorted(known))

    def _custom_resources(self, function: Resource) -> Iterator[Resource]:
        """Yield the custom resources that `function` makes."""
        own = {pattern_of(text) for text in self._resolver.arns(function)}
        for resource in self._resources:
            if resource.type.startswith(_CUSTOM) and self._names(resource.get("ServiceToken"), own):
                yield resource

    def _values(self, path: str, value: Json) -> Iterator[tuple[str, Value]]:
        """Yield the texts in the property `value` of a custom resource, with their paths."""
        if isinstance(value, Array):
            for item in self._resolver.items(value):
                yield from self._values(f"{path}[]", item)
        elif isinstance(value, Object) and not is_call(value):
            for name, member in value.members.items():
                yield from self._values(f"{path}.{name}", member)
        else:
            text = value_of(self._resolver.texts(value))
            if text is not None:
                yield path, text

    def _buckets_through(self, service: str, resource: Resource | None) -> Iterator[tuple[str, Value]]:
        """Yield the buckets whose events come through a queue or topic, and where in its event they are named."""
        if resource is None or service not in _INNER:
            return
        arns = {pattern_of(arn) for arn in self._resolver.arns(resource)}
        for bucket in self._notifying(arns):
            yield f"{_INNER[service]}.{_BUCKET}", bucket
        for bucket in self._buckets_of_rules(resource):
            yield f"{_INNER[service]}.{_DETAIL}", bucket
        for topic in self._resources if service == "sqs" else ():
            if topic.type == "AWS::SNS::Topic" and self._delivers(topic, arns):
                for bucket in self._notifying({pattern_of(arn) for arn in self._resolver.arns(topic)}):
                    yield f"{_INNER[service]}.Message.{_BUCKET}", bucket
                for bucket in self._buckets_of_rules(topic):
                    yield f"{_INNER[service]}.Message.{_DETAIL}", bucket

    def _notifying(self, arns: set[str]) -> Iterator[Value]:
        """Yield the buckets that send their events to a queue or topic with one of `arns`."""
        for bucket in self._resources:
            for name, target in _NOTIFIED if bucket.type == _BUCKET_TYPE else ():
                for one in self._resolver.items(bucket.get("NotificationConfiguration", name)):
                    value = value_of(self._resolver.name(bucket)) if self._names(find(one, target), arns) else None
                    if value is not None:
                        yield value

    def _delivers(self, topic: Resource, arns: set[str]) -> bool:
        """Say whether a topic sends what it gets to a queue with one of `arns`."""
        if any(self._names(find(one, "Endpoint"), arns) for one in self._resolver.items(topic.get("Subscription"))):
            return True
        own = {pattern_of(arn) for arn in self._resolver.arns(topic)}
        return any(
            self._names(one.get("Endpoint"), arns) and self._names(one.get("TopicArn"), own)
            for one in self._resources
            if one.type == "AWS::SNS::Subscription"
        )

    def _buckets_of_rules(self, target: Resource) -> Iterator[Value]:
        """Yield the buckets whose events the rules let through that have a function, queue or topic for a target."""
        own = {pattern_of(text) for text in self._resolver.arns(target)}
        for rule in self._resources:
            if rule.type != "AWS::Events::Rule":
                continue
            if not any(self._names(find(one, "Arn"), own) for one in self._resolver.items(rule.get("Targets"))):
                continue
            for name in self._resolver.items(rule.get("EventPattern", "detail", "bucket", "name")):
                value = value_of(self._resolver.texts(name)) if not _is_test(name) else None
                if value is not None:
                    yield value


def _is_test(value: Json) -> bool:
    """Say whether an event pattern asks for more than that one text: `{"prefix": "a"}`."""
    return isinstance(value, Object) and not is_call(value)


def _add(known: dict[str, list[Value]], path: str, value: Value | None) -> None:
    if value is not None:
        known.setdefault(path, []).append(value)


def _one_of(values: Iterable[Value]) -> Value:
    distinct = tuple(dict.fromkeys(one for value in values for one in alternatives(value)))
    return distinct[0] if len(distinct) == 1 else OneOf(distinct)
