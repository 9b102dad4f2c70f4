"""Simulated S3: buckets of objects, strongly consistent as S3 is."""

import base64
import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tools.simulation.aws.calls import Call
from tools.simulation.aws.errors import Refused, only

Answer = dict[str, Any]

MOST_KEYS = 1000


class Object(NamedTuple):
    """An object: its bytes, their content type, and when they were put (µs since the epoch)."""

    body: bytes
    content_type: str
    put_at: int

    @property
    def described(self) -> Answer:
        """What an answer says of it."""
        etag = f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'
        return {"ETag": etag, "LastModified": datetime.fromtimestamp(self.put_at // 1_000_000, UTC)}


Created = Callable[[str, str, Object], None]  # bucket, key, what was put


class S3:
    """Objects by bucket and key, in `buckets`."""

    name = "s3"

    def __init__(self, now_us: Callable[[], int]) -> None:
        self.buckets: dict[str, dict[str, Object]] = {}
        self.created: list[Created] = []  # who is told of each object that is put or copied
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
        only(call.operation, call.params, {"Bucket", "Key", "Body"}, {"ContentType", "IfNoneMatch"})
        if call.params.get("IfNoneMatch", "*") != "*":
            raise Refused("NotImplemented", "If-None-Match takes * alone")
        if "IfNoneMatch" in call.params and call.params["Key"] in self._bucket(call):
            raise Refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        body = call.params["Body"]
        body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
        made = Object(body, call.params.get("ContentType", "binary/octet-stream"), self._now_us())
        self._bucket(call)
        self.keep(call.params["Bucket"], call.params["Key"], made)
        return {"ETag": made.described["ETag"]}

    def keep(self, bucket: str, key: str, made: Object) -> None:
        """Put an object in its place, and tell of it."""
        self.buckets[bucket][key] = made
        for listener in self.created:
            listener(bucket, key, made)

    def _get(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key"}, {"IfMatch", "Range"})
        found = self._bucket(call).get(call.params["Key"])
        if found is None:
            raise Refused("NoSuchKey", "The specified key does not exist.")
        if call.params.get("IfMatch", found.described["ETag"]) != found.described["ETag"]:
            raise Refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        body, part = found.body, {}
        if "Range" in call.params:
            first, last = _range(call.params["Range"], len(body))
            body, part = body[first : last + 1], {"ContentRange": f"bytes {first}-{last}/{len(body)}"}
        return {
            "Body": io.BytesIO(body),
            "ContentLength": len(body),
            "ContentType": found.content_type,
            **part,
            **found.described,
        }

    def _copy(self, call: Call) -> Answer:
        only(call.operation, call.params, {"Bucket", "Key", "CopySource"})
        source = call.params["CopySource"]
        if source["Key"] not in self.buckets.get(source["Bucket"], ()):
            raise Refused("NoSuchKey", "The specified key does not exist.")
        made = self.buckets[source["Bucket"]][source["Key"]]._replace(put_at=self._now_us())
        self._bucket(call)
        self.keep(call.params["Bucket"], call.params["Key"], made)
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
        answer: Answer = {
            "KeyCount": len(page),
            "IsTruncated": len(keys) > most,
            "MaxKeys": most,
            "Name": params["Bucket"],
        }
        if page:
            answer["Contents"] = [{"Key": key, "Size": len(bucket[key].body), **bucket[key].described} for key in page]
        if len(keys) > most:
            answer["NextContinuationToken"] = base64.b64encode(page[-1].encode()).decode()
        return answer


def _range(asked: str, size: int) -> tuple[int, int]:
    """The first and last byte of a range ("bytes=0-9", "bytes=5-", "bytes=-5")."""
    first, _, last = asked.removeprefix("bytes=").partition("-")
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or end < start:
        raise Refused("InvalidRange", "The requested range is not satisfiable")
    return start, end
