"""Simulated S3: buckets of objects, strongly consistent as S3 is."""

import base64
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.support.aws.calls import Call
from tests.support.aws.errors import Refused, only

Answer = dict[str, Any]

MOST_KEYS = 1000


class Object(NamedTuple):
    """An object: its bytes, what they are said to be, and when they were put (µs since the epoch)."""

    body: bytes
    content_type: str
    put_at: int

    @property
    def described(self) -> Answer:
        """What an answer says of it."""
        etag = f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'
        return {"ETag": etag, "LastModified": datetime.fromtimestamp(self.put_at // 1_000_000, UTC)}


class S3:
    """Objects by bucket and key, in `buckets`."""

    name = "s3"

    def __init__(self, now_us: Callable[[], int]) -> None:
        self.buckets: dict[str, dict[str, Object]] = {}
        self._now_us = now_us
        self.operations: dict[str, Callable[[Call], Answer]] = {
            "CreateBucket": self._create_bucket,
            "PutObject": self._put,
            "GetObject": self._get,
            "CopyObject": self._copy,
            "DeleteObject": self._delete,
            "ListObjectsV2": self._list,
        }

    def create_bucket(self, name: str) -> dict[str, Object]:
        """A new, empty bucket."""
        made = self.buckets[name] = {}
        return made

    def _create_bucket(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket"})
        self.create_bucket(call.params["Bucket"])
        return {"Location": f"/{call.params['Bucket']}"}

    def _bucket(self, call: Call) -> dict[str, Object]:
        if call.params["Bucket"] not in self.buckets:
            raise Refused("NoSuchBucket", "The specified bucket does not exist")
        return self.buckets[call.params["Bucket"]]

    def _put(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key", "Body"}, {"ContentType"})
        body = call.params["Body"]
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
        made = Object(body, call.params.get("ContentType", "binary/octet-stream"), self._now_us())
        self._bucket(call)[call.params["Key"]] = made
        return {"ETag": made.described["ETag"]}

    def _get(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key"})
        found = self._bucket(call).get(call.params["Key"])
        if found is None:
            raise Refused("NoSuchKey", "The specified key does not exist.")
        return {
            "Body": io.BytesIO(found.body),
            "ContentLength": len(found.body),
            "ContentType": found.content_type,
            **found.described,
        }

    def _copy(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key", "CopySource"})
        source = call.params["CopySource"]
        if source["Key"] not in self.buckets.get(source["Bucket"], ()):
            raise Refused("NoSuchKey", "The specified key does not exist.")
        made = self.buckets[source["Bucket"]][source["Key"]]._replace(put_at=self._now_us())
        self._bucket(call)[call.params["Key"]] = made
        return {"CopyObjectResult": made.described}

    def _delete(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key"})
        self._bucket(call).pop(call.params["Key"], None)
        return {}

    def _list(self, call: Call) -> Answer:
        params = call.params
        only(call.operation, params, {"Bucket"}, {"Prefix", "MaxKeys", "ContinuationToken", "StartAfter"})
        after = params.get("StartAfter", "")
        if "ContinuationToken" in params:
            after = base64.b64decode(params["ContinuationToken"]).decode()
        bucket = self._bucket(call)
        keys = sorted(key for key in bucket if key > after and key.startswith(params.get("Prefix", "")))
        most = min(params.get("MaxKeys", MOST_KEYS), MOST_KEYS, call.most_items or MOST_KEYS)
        page = keys[:most]
        answer: Answer = {"KeyCount": len(page), "IsTruncated": len(keys) > most, "MaxKeys": most, "Name": params["Bucket"]}
        if page:
            answer["Contents"] = [{"Key": key, "Size": len(bucket[key].body), **bucket[key].described} for key in page]
        if len(keys) > most:
            answer["NextContinuationToken"] = base64.b64encode(page[-1].encode()).decode()
        return answer
