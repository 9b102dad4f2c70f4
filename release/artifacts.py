"""The account's artifact bucket: what is put there is put once and stands."""

from __future__ import annotations

from typing import Any

from devcloud.runs import LocalCloudError
from release.ground import Ground

TRIES = 3
THERE = "PreconditionFailed"
AT_THE_SAME_TIME = "ConditionalRequestConflict"


class Artifacts:
    """Objects of `sluice-<environment>-artifacts-<account>`."""

    def __init__(self, ground: Ground) -> None:
        self.name = f"sluice-{ground.environment}-artifacts-{ground.account}"
        self._environment = ground.environment
        self._client = ground.client("s3")
        # The owner too: names are the world's, and a bucket of this name could be somebody else's.
        self._where = {"Bucket": self.name, "ExpectedBucketOwner": ground.account}

    def put_once(self, key: str, body: bytes) -> bool:
        """Put an object unless there is one; whether it was put. Raises LocalCloudError."""
        for _ in range(TRIES):
            code = self._code(self._client.put_object, Key=key, Body=body, IfNoneMatch="*")
            if code != AT_THE_SAME_TIME:
                return code != THERE
        raise LocalCloudError(f"s3://{self.name}/{key} was being put by somebody else {TRIES} times over: try again")

    def get(self, key: str) -> bytes | None:
        """The bytes of an object, or None where there is none. Raises LocalCloudError."""
        found: list[bytes] = []
        code = self._code(lambda **asked: found.append(self._client.get_object(**asked)["Body"].read()), Key=key)
        return None if code == "NoSuchKey" else found[0]

    def _code(self, call: Any, **asked: Any) -> str:
        """Call; nothing where it went well, else the code of an answer that a caller reckons with."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            call(**self._where, **asked)
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if code in (THERE, AT_THE_SAME_TIME, "NoSuchKey"):
                return code
            if code == "NoSuchBucket":
                raise LocalCloudError(
                    f"there is no artifact bucket {self.name}: `make account ENV={self._environment}` makes it (docs/deploy.md)"
                ) from error
            raise LocalCloudError(f"s3://{self.name}/{asked['Key']}: {error}") from error
        except BotoCoreError as error:
            raise LocalCloudError(f"s3://{self.name}/{asked['Key']}: {error}") from error
        return ""
