"""A key is made once, by whoever comes first and makes it, and everybody has the same."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.keys import BYTES, Key
from tests.lambda_src.fakes import refusal
from tools.simulation.aws.calls import Call
from tools.simulation.aws.cloud import Cloud


class Meddler:
    """Does something before a put."""

    def __init__(self) -> None:
        self.at_put: Callable[[], None] = lambda: None
        self.calls: list[str] = []

    def before(self, call: Call) -> None:
        self.calls.append(call.operation)
        if call.operation == "PutItem":
            at_put, self.at_put = self.at_put, lambda: None
            at_put()

    def after(self, call: Call, answer: dict[str, Any]) -> None:
        """Nothing."""


class Rig:
    """A table of keys."""

    def __init__(self) -> None:
        self.meddler = Meddler()
        cloud = Cloud(lambda: 0, random.Random(1), self.meddler)
        cloud.dynamodb.create_table("keys", ("name", "S"))
        self.client = cloud.client("dynamodb")

    def key(self, name: str = "witness", *, makes: bool = False) -> Key:
        return Key(self.client, "keys", name, makes=makes)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_one_who_does_not_make_it_waits_for_one_who_does(rig: Rig) -> None:
    reader, maker = rig.key(), rig.key(makes=True)
    assert reader.get() is None
    made = maker.get()
    assert made is not None
    assert len(made) == BYTES
    assert reader.get() == made == rig.key(makes=True).get()
    assert rig.key("another", makes=True).get() != made


def test_it_is_read_once_a_worker(rig: Rig) -> None:
    key = rig.key(makes=True)
    key.get()
    del rig.meddler.calls[:]
    for _ in range(3):
        key.get()
    assert rig.meddler.calls == []


def test_of_two_who_make_it_at_once_one_does(rig: Rig) -> None:
    others: list[bytes | None] = []
    rig.meddler.at_put = lambda: others.append(rig.key(makes=True).get())
    mine = rig.key(makes=True).get()
    assert others == [mine]


def test_what_keeps_it_from_being_made_is_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise refusal("PutItem", "AccessDeniedException")

    monkeypatch.setattr(rig.client, "put_item", refused)
    with pytest.raises(ClientError, match="AccessDenied"):
        rig.key(makes=True).get()
