"""Whose credentials a call is made with, under the name that people know."""

from __future__ import annotations

from dataclasses import replace

from analyzer.authorize.texts import Texts
from analyzer.model.calls import ApiCall, Identity
from analyzer.model.deployment import Deployment
from analyzer.model.values import Known


def named_identity(call: ApiCall, deployment: Deployment) -> Identity | None:
    """Return the identity of a call with its role as one pattern, `A or B` if it may be several of them."""
    identity = call.identity
    if identity is None or identity.role is None:
        return identity
    texts = Texts(call, deployment)
    patterns = sorted({texts.pattern(text)[0] for text in texts.of(identity.role)} - {"*"})
    return replace(identity, role=Known(" or ".join(patterns)) if patterns else None)
