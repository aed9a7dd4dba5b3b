"""What is decided about a request of which little is known holds for every request that it may be."""

from __future__ import annotations

import random
from collections import Counter

from analyzer.iam.arn import arn_matches
from analyzer.iam.evaluate import Allowed, Unknown, Verdict, evaluate
from tests.iam.questions import KEYS, policies, random_questions, request

WIDER = (
    "*", "arn:aws:s3:::*", "arn:aws:s3:::b/*", "arn:aws:s3:::?/x", "arn:aws:s3:::b/?*/x", "arn:aws:s3:::*/x",
    "arn:aws:sqs:*:*:*", "arn:aws:sqs:*:123456789012:?", "arn:aws:dynamodb:*:*:table/j?",
)  # fmt: skip


def test_more_knowledge_keeps_what_is_decided() -> None:
    dice = random.Random(11)
    seen: Counter[type[Verdict]] = Counter()
    for question in random_questions(seed=11, number=2500):
        statements = policies(question)
        hidden = {key for key in KEYS if dice.random() < 0.3}
        patterns = [None, *(pattern for pattern in WIDER if arn_matches(pattern, question.resource))]
        early = evaluate(request(question, dice.choice(patterns), hidden), *statements)
        late = evaluate(request(question), *statements)
        seen[type(early)] += 1
        if not isinstance(early, Unknown):
            assert type(early) is type(late), question
    assert seen[Allowed] > 100
    assert seen[Unknown] > 100
