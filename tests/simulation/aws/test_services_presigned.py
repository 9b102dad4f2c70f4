"""Signed addresses of the simulated S3: what is bound into one must come so, and in time."""

import base64
import hashlib

import pytest

from tests.simulation.aws.simulation import Json, Simulation
from tools.simulation.aws.errors import Refused

BODY = b"\xff\xd8\xff one"
CHECKSUM = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
HEADERS = {"content-type": "image/jpeg", "content-length": str(len(BODY)), "x-amz-checksum-sha256": CHECKSUM}


@pytest.fixture
def world() -> Simulation:
    """A cloud with a bucket."""
    made = Simulation()
    made.cloud.s3.create_bucket("uploads")
    return made


def address(world: Simulation) -> str:
    """An address that is good for a minute."""
    bound: Json = {"ContentType": "image/jpeg", "ContentLength": len(BODY), "ChecksumSHA256": CHECKSUM}
    asked = {"Bucket": "uploads", "Key": "in/a b", **bound}
    return str(world.s3.generate_presigned_url("put_object", Params=asked, ExpiresIn=60))


def test_what_was_signed_is_kept_and_told_of(world: Simulation) -> None:
    told: list[tuple[str, str]] = []
    world.cloud.s3.created.append(lambda bucket, key, made: told.append((bucket, key)))
    calls = len(world.calls)
    etag = world.cloud.addresses.put(address(world), BODY, HEADERS)
    assert len(world.calls) == calls, "signing and putting is no call of a client's"
    found = world.s3.get_object(Bucket="uploads", Key="in/a b", IfMatch=etag)
    assert (found["Body"].read(), found["ContentType"]) == (BODY, "image/jpeg")
    assert told == [("uploads", "in/a b")]


@pytest.mark.parametrize(
    ("body", "changes", "code"),
    [
        (b"\xff\xd8\xff two", {}, "BadDigest"),
        (BODY + b"more", {}, "IncompleteBody"),
        (BODY + b"more", {"content-length": str(len(BODY) + 4)}, "SignatureDoesNotMatch"),
        (BODY, {"content-type": "text/plain"}, "SignatureDoesNotMatch"),
        (BODY, {"x-amz-checksum-sha256": "another"}, "SignatureDoesNotMatch"),
    ],
)
def test_anything_else_is_refused(world: Simulation, body: bytes, changes: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        world.cloud.addresses.put(address(world), body, HEADERS | changes)
    assert refused.value.code == code
    assert world.cloud.s3.buckets["uploads"] == {}


def test_an_address_ends_and_none_is_made_up(world: Simulation) -> None:
    url = address(world)
    world.now += 61_000_000
    for one, code in ((url, "AccessDenied"), (url + "0", "SignatureDoesNotMatch")):
        with pytest.raises(Refused) as refused:
            world.cloud.addresses.put(one, BODY, HEADERS)
        assert refused.value.code == code
    with pytest.raises(ValueError, match="GetObject"):
        world.s3.generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": "a"}, ExpiresIn=60)
