"""One service three ways, for the contract tests: simulated, in moto, and on the emulator; and on
AWS's own engine, where `make contracts ENGINE=dynamodb-local` says where that listens.
"""

import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, OperationModel, StructureShape
from botocore.validate import ParamValidator
from moto import mock_aws

from tools.simulation import engine
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud
from tools.simulation.contracts import ENDPOINT

KINDS = ("simulated", "moto", "emulator")
LOCAL = engine.NAME
START_US = 1_795_000_000_000_000

_numbers = itertools.count()


class Backend(NamedTuple):
    """A client of a service; `wait` lets so many seconds pass there; the simulated cloud, where it
    is that.
    """

    kind: str
    client: Any
    wait: Callable[[float], None]
    simulated: Cloud | None = None

    @property
    def cloud(self) -> Cloud:
        """The simulated cloud, for a test of what only it can do."""
        assert self.simulated is not None
        return self.simulated

    def name(self, what: str) -> str:
        """A name that nobody else uses, since the session has one emulator."""
        return f"{what}-{next(_numbers)}"


@contextmanager
def backend(kind: str, service: str, emulator: Callable[[], Callable[[str], Any]]) -> Iterator[Backend]:
    """A service of this kind, empty or with names of its own."""
    if kind == "simulated":
        now = [START_US]
        cloud = Cloud(lambda: now[0], random.Random(7), Shapes())
        yield Backend(
            kind, cloud.client(service), lambda seconds: now.__setitem__(0, now[0] + int(seconds * 1_000_000)), cloud
        )
    elif kind == "moto":
        with mock_aws():
            yield Backend(kind, _session().create_client(service, region_name="us-east-1"), time.sleep)
    elif kind == LOCAL:
        # it keeps the tables of each access key apart, and pytest's workers share it
        mine = {"aws_access_key_id": f"worker{os.getpid()}", "aws_secret_access_key": "test"}
        where = {"endpoint_url": os.environ[ENDPOINT], "region_name": "us-east-1"}
        yield Backend(kind, _session().create_client(service, **where, **mine), time.sleep)
    else:
        yield Backend(kind, emulator()(service), time.sleep)


def kinds(service: str) -> tuple[str, ...]:
    """The kinds that there are of a service."""
    return (*KINDS, LOCAL) if service == "dynamodb" and ENDPOINT in os.environ else KINDS


def three_ways(service: str) -> Any:
    """A fixture: the service of every kind."""

    @pytest.fixture(params=kinds(service))
    def made(request: pytest.FixtureRequest) -> Iterator[Backend]:
        with backend(request.param, service, lambda: request.getfixturevalue("emulator")) as one:
            yield one

    return made


def without(service: str, *wrong: str) -> pytest.MarkDecorator:
    """Leaves out of a test the kinds that do not do what AWS documents."""
    return pytest.mark.parametrize(service, [kind for kind in kinds(service) if kind not in wrong], indirect=True)


def error_code(call: Callable[..., Any], **params: Any) -> str:
    """The code of the error that a call ends with, without the prefix that one protocol has and
    another has not.
    """
    with pytest.raises(ClientError) as error:
        call(**params)
    return str(error.value.response["Error"]["Code"]).rsplit(".", 1)[-1]


class Shapes:
    """A meddler that holds requests and answers to the shapes in which AWS describes its API, as
    botocore has them.
    """

    def before(self, call: Call) -> None:
        """Raises AssertionError unless botocore would send the request."""
        params = {
            name: value for name, value in call.params.items() if name != "CopySource"
        }  # botocore takes it as a dict too
        params |= {"CopySource": "bucket/key"} if "CopySource" in call.params else {}
        shape = _model(call).input_shape
        assert shape is not None
        report = ParamValidator().validate(params, shape)
        assert not report.has_errors(), report.generate_report()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Raises AssertionError unless AWS could answer so."""
        shape = _model(call).output_shape
        assert shape is not None or not answer
        if shape is not None:
            _check(answer, shape, call.operation)


@cache
def _session() -> Any:
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    return session


@cache
def _service(name: str) -> Any:
    return _session().get_service_model(name)


def _model(call: Call) -> OperationModel:
    model: OperationModel = _service(call.service).operation_model(call.operation)
    return model


def _check(value: Any, shape: Any, where: str) -> None:
    """Raises AssertionError where a value has not its shape."""
    if isinstance(shape, StructureShape):
        assert value.keys() <= shape.members.keys(), f"{where} has no {value.keys() - shape.members.keys()}"
        needed = {
            name for name in shape.required_members if not isinstance(shape.members[name], ListShape)
        }  # AWS leaves out empty lists
        assert needed <= value.keys(), f"{where} lacks {needed - value.keys()}"
        for name, inner in value.items():
            _check(inner, shape.members[name], f"{where}.{name}")
    elif isinstance(shape, MapShape):
        for inner in value.values():
            _check(inner, shape.value, where)
    elif isinstance(shape, ListShape):
        for inner in value:
            _check(inner, shape.member, where)
    elif shape.type_name == "string":
        assert isinstance(value, str), f"{where} is no text: {value!r}"
        assert not getattr(shape, "enum", None) or value in shape.enum, f"{where} may be {shape.enum}, not {value!r}"
    else:
        of = {"integer": int, "long": int, "boolean": bool}.get(shape.type_name)
        assert of is None or type(value) is of, f"{where} is no {shape.type_name}: {value!r}"
