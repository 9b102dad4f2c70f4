"""What botocore's models of AWS's APIs know of what a request may hold."""

from __future__ import annotations

from functools import cache

import botocore.session
from botocore.model import ServiceModel


def most(service: str, shape: str) -> int:
    """The most entries, or the longest text, that a shape of a service may have."""
    return int(_model(service).shape_for(shape).metadata["max"])


def names(service: str, shape: str) -> tuple[str, ...]:
    """The values that a shape of a service may have."""
    return tuple(_model(service).shape_for(shape).metadata["enum"])


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.Session().get_service_model(service)
