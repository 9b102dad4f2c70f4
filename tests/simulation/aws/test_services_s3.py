"""One contract for S3: simulated, in moto, and on the emulator."""

import pytest

from tests.simulation.aws.backends import Backend, error_code, three_ways

s3 = three_ways("s3")


@pytest.fixture
def bucket(s3: Backend) -> str:
    """A new bucket."""
    name = s3.name("bucket")
    s3.client.create_bucket(Bucket=name)
    return name


def test_an_object_is_read_as_it_was_put_last(s3: Backend, bucket: str) -> None:
    put = s3.client.put_object(Bucket=bucket, Key="a/b=c.jsonl", Body=b"one", ContentType="application/x-ndjson")
    found = s3.client.get_object(Bucket=bucket, Key="a/b=c.jsonl")
    assert (found["Body"].read(), found["ContentType"], found["ContentLength"]) == (b"one", "application/x-ndjson", 3)
    assert found["ETag"] == put["ETag"]
    s3.client.put_object(Bucket=bucket, Key="a/b=c.jsonl", Body="zwö")
    assert s3.client.get_object(Bucket=bucket, Key="a/b=c.jsonl")["Body"].read().decode() == "zwö"


def test_an_object_is_copied(s3: Backend, bucket: str) -> None:
    s3.client.put_object(Bucket=bucket, Key="a", Body=b"one")
    s3.client.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    s3.client.delete_object(Bucket=bucket, Key="a")
    assert s3.client.get_object(Bucket=bucket, Key="b")["Body"].read() == b"one"
    assert (
        error_code(s3.client.copy_object, Bucket=bucket, Key="c", CopySource={"Bucket": bucket, "Key": "a"})
        == "NoSuchKey"
    )


def test_a_part_is_read_of_the_object_that_is_meant(s3: Backend, bucket: str) -> None:
    etag = s3.client.put_object(Bucket=bucket, Key="a", Body=b"0123456789")["ETag"]
    for asked, part, told in (
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ):
        found = s3.client.get_object(Bucket=bucket, Key="a", Range=asked, IfMatch=etag)
        assert (found["Body"].read(), found["ContentRange"], found["ContentLength"]) == (part, told, len(part))
    assert error_code(s3.client.get_object, Bucket=bucket, Key="a", Range="bytes=10-") == "InvalidRange"
    s3.client.put_object(Bucket=bucket, Key="a", Body=b"another")
    assert error_code(s3.client.get_object, Bucket=bucket, Key="a", IfMatch=etag) == "PreconditionFailed"


def test_what_is_not_there(s3: Backend, bucket: str) -> None:
    s3.client.put_object(Bucket=bucket, Key="a", Body=b"")
    for _ in range(2):
        s3.client.delete_object(Bucket=bucket, Key="a")
    assert error_code(s3.client.get_object, Bucket=bucket, Key="a") == "NoSuchKey"
    assert error_code(s3.client.put_object, Bucket=bucket + "-not", Key="a", Body=b"") == "NoSuchBucket"
    assert "Contents" not in s3.client.list_objects_v2(Bucket=bucket)


def test_objects_are_listed_in_order_and_in_pages(s3: Backend, bucket: str) -> None:
    for key in ("b/2", "b/1", "a", "b/10", "c"):
        s3.client.put_object(Bucket=bucket, Key=key, Body=b"12")
    listed = s3.client.list_objects_v2(Bucket=bucket)
    assert [(item["Key"], item["Size"]) for item in listed["Contents"]] == [
        (key, 2) for key in ("a", "b/1", "b/10", "b/2", "c")
    ]
    assert (listed["IsTruncated"], listed["KeyCount"]) == (False, 5)
    page = s3.client.list_objects_v2(Bucket=bucket, Prefix="b/", MaxKeys=2)
    assert ([item["Key"] for item in page["Contents"]], page["IsTruncated"]) == (["b/1", "b/10"], True)
    rest = s3.client.list_objects_v2(Bucket=bucket, Prefix="b/", ContinuationToken=page["NextContinuationToken"])
    assert ([item["Key"] for item in rest["Contents"]], rest["IsTruncated"]) == (["b/2"], False)
    pages = s3.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, MaxKeys=2)
    assert [item["Key"] for each in pages for item in each["Contents"]] == ["a", "b/1", "b/10", "b/2", "c"]


def test_an_object_is_put_once_where_nobody_may_have_put_it(s3: Backend, bucket: str) -> None:
    s3.client.put_object(Bucket=bucket, Key="a", Body=b"one", IfNoneMatch="*")
    again = {"Bucket": bucket, "Key": "a", "Body": b"two", "IfNoneMatch": "*"}
    assert error_code(s3.client.put_object, **again) == "PreconditionFailed"
    assert s3.client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"one"
