"""Addresses that are signed for one upload (presigned, version 4), and what S3 makes of what comes.

What is among the signed parameters must come so: its length, its type, its checksum.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tools.simulation.aws.errors import Refused, only
from tools.simulation.aws.s3 import S3, Object

HEADERS = {"ContentType": "content-type", "ContentLength": "content-length", "ChecksumSHA256": "x-amz-checksum-sha256"}


class Signed(NamedTuple):
    """What an address is good for, and until when (µs)."""

    bucket: str
    key: str
    headers: dict[str, str]
    until: int


class Addresses:
    """The addresses that were signed, by themselves."""

    def __init__(self, s3: S3, now_us: Callable[[], int]) -> None:
        self._s3, self._now_us = s3, now_us
        self._signed: dict[str, Signed] = {}

    def sign(self, operation: str, params: Mapping[str, Any], seconds: int) -> str:
        """A new address, for PutObject alone. Nothing of a service is asked."""
        if operation != "PutObject":
            raise ValueError(f"no address is simulated for {operation}")
        only(operation, params, {"Bucket", "Key"}, set(HEADERS))
        headers = {HEADERS[name]: str(value) for name, value in params.items() if name in HEADERS}
        url = f"https://{params['Bucket']}.s3.example/{params['Key']}?n={len(self._signed)}&X-Amz-Expires={seconds}"
        self._signed[url] = Signed(params["Bucket"], params["Key"], headers, self._now_us() + seconds * 1_000_000)
        return url

    def put(self, url: str, body: bytes, headers: Mapping[str, str]) -> str:
        """What a client's PUT comes to: the object's ETag. Raises Refused as S3 does."""
        signed = self._signed.get(url)
        if signed is None or any(headers.get(name) != value for name, value in signed.headers.items()):
            raise Refused("SignatureDoesNotMatch", "The request signature we calculated does not match")
        if self._now_us() > signed.until:
            raise Refused("AccessDenied", "Request has expired")
        if "content-length" in headers and int(headers["content-length"]) != len(body):
            raise Refused("IncompleteBody", "The request body terminated unexpectedly")
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers.get("x-amz-checksum-sha256", checksum) != checksum:
            raise Refused("BadDigest", "The SHA256 you specified did not match the calculated checksum.")
        made = Object(body, headers.get("content-type", "binary/octet-stream"), self._now_us())
        self._s3.keep(signed.bucket, signed.key, made)
        return str(made.described["ETag"])
