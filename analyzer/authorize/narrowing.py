"""IAM conditions that a call is sure to meet, and that narrow what its permission allows.

Only those that no value that the program may have at run time can break: a condition rests on what is known of a
parameter, with wildcards for the rest. `dynamodb:Attributes` is left out on purpose: it limits which attributes may be
read or written, and the next change of an item's shape would be denied.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from analyzer.authorize.parameters import Reached, reach
from analyzer.authorize.texts import Texts, is_unknown
from analyzer.catalog import Action
from analyzer.iam.pattern import has_wildcard
from analyzer.model.calls import ApiCall
from analyzer.model.requirements import Condition
from analyzer.model.values import Known, Mapping, Text, Value, alternatives
from analyzer.rules import kms_via_service

_KEYED: Final = ("GetItem", "UpdateItem", "DeleteItem")
# `pk = :v`, alone or with a second condition, which is no equality then: a partition key is always compared with `=`.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
_EQUALITY: Final = re.compile(r"(?<![<>])=\s*(:\w+)")


def narrowing(call: ApiCall, action: Action, texts: Texts) -> tuple[Condition, ...]:
    """Return the conditions under which `call` is sure to use `action`, sorted; none if no key tells anything.

    Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html (s3:prefix),
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html (dynamodb:LeadingKeys),
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html (kms:ViaService).
    """
    keys = {*action.condition_keys, *(key for one in action.resource_types for key in one.condition_keys)}
    return tuple(sorted(_conditions(call, action, keys, texts)))


def _conditions(call: ApiCall, action: Action, keys: Collection[str], texts: Texts) -> Iterator[Condition]:
    if "s3:prefix" in keys:
        prefixes = _patterns(_parameter(call, "Prefix"), texts)
        if prefixes:
            yield _texts_condition("", "s3:prefix", prefixes)
    if "dynamodb:LeadingKeys" in keys:
        leading = _patterns(_leading_keys(call), texts)
        if leading:
            yield _texts_condition("ForAllValues:", "dynamodb:LeadingKeys", leading)
    if "kms:ViaService" in keys and action.name.startswith("kms:") and call.service in kms_via_service():
        region, _ = texts.pattern(texts.region)
        # "Use the .amazonaws.com suffix of the AWS KMS ViaService name in all AWS partitions."
        yield _texts_condition("", "kms:ViaService", (f"{kms_via_service()[call.service]}.{region}.amazonaws.com",))


def _texts_condition(quantifier: str, key: str, patterns: Iterable[str]) -> Condition:
    values = tuple(sorted(patterns))
    # `${*}` is a policy variable, which both operators know.
    operator = "StringLike" if any(has_wildcard(value) for value in values) else "StringEquals"
    return Condition(f"{quantifier}{operator}", key, values)


def _parameter(call: ApiCall, path: str) -> tuple[Value, ...]:
    """Return what the parameter at `path` may be, or nothing if the call may be made without it."""
    return _if_certain(reach(call.parameters, path))


def _if_certain(reached: Reached) -> tuple[Value, ...]:
    return () if reached.absent or reached.unseen is not None else reached.values


def _patterns(values: Iterable[Value], texts: Texts) -> tuple[str, ...]:
    """Return the patterns of the texts that `values` may be, or nothing if one may be any text or no text at all."""
    found: list[str] = []
    for value in values:
        for one in alternatives(value):
            if not (isinstance(one, Text) or (isinstance(one, Known) and isinstance(one.value, str) and one.value)):
                return ()
            found += [text for text in texts.of(one) if not is_unknown(text)] or [""]
    patterns = tuple(dict.fromkeys(texts.pattern(text)[0] for text in found))
    return () if any(pattern in ("", "*") for pattern in patterns) else patterns


def _leading_keys(call: ApiCall) -> tuple[Value, ...]:
    """Return what the partition key of the items that `call` is about may be, or nothing if that cannot be seen."""
    if call.operation in _KEYED:
        keys = _parameter(call, "Key")
        items = [item for key in keys for item in alternatives(key)]
        entries = [item.entries for item in items if isinstance(item, Mapping) and item.complete]
        # Of two attributes only the table knows which one is the partition key.
        if len(entries) != len(items) or any(len(of_item) != 1 for of_item in entries):
            return ()
        return tuple(_untyped(value) for of_item in entries for _, value in of_item)
    if call.operation == "Query" and reach(call.parameters, "IndexName") == Reached(absent=True):
        return _queried_key(call)
    return ()


def _queried_key(call: ApiCall) -> tuple[Value, ...]:
    expressions = [one for value in _parameter(call, "KeyConditionExpression") for one in alternatives(value)]
    found: list[Value] = []
    for expression in expressions:
        if not isinstance(expression, Known) or not isinstance(expression.value, str):
            return ()
        names = _EQUALITY.findall(expression.value)
        if len(names) != 1:
            return ()
        for values in _parameter(call, "ExpressionAttributeValues"):
            compared = values.get(names[0]) if isinstance(values, Mapping) else None
            if compared is None:
                return ()
            found += [_untyped(one) for one in alternatives(compared)]
    return tuple(found)


def _untyped(value: Value) -> Value:
    """Return the text in a string of DynamoDB's own form (`{"S": "x"}`); anything else as it is."""
    if isinstance(value, Mapping) and value.complete and len(value.entries) == 1:
        return value.get("S") or value
    return value
