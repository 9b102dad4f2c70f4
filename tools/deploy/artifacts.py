"""The account's artifact bucket: what is put there is put once and stands."""

from __future__ import annotations

from typing import Any

from tools.common.errors import CommandError
from tools.deploy.target import Target

TRIES = 3
ALREADY_THERE = "PreconditionFailed"
AT_THE_SAME_TIME = "ConditionalRequestConflict"
NOT_THERE = "NoSuchKey"


def artifact_bucket(target: Target) -> str:
    """The name of the artifact bucket of an environment's account."""
    return f"sluice-{target.environment}-artifacts-{target.account}"


class Artifacts:
    """Objects of an account's artifact bucket."""

    def __init__(self, target: Target) -> None:
        self.name = artifact_bucket(target)
        self._environment = target.environment
        self._client = target.client("s3")
        # The owner too: names are the world's, and a bucket of this name could be somebody else's.
        self._bucket = {"Bucket": self.name, "ExpectedBucketOwner": target.account}

    def put_once(self, key: str, body: bytes) -> bool:
        """Put an object unless there is one; whether it was put. Raises CommandError."""
        for _ in range(TRIES):
            _, code = self._call(self._client.put_object, Key=key, Body=body, IfNoneMatch="*")
            if code != AT_THE_SAME_TIME:
                return code != ALREADY_THERE
        raise CommandError(f"s3://{self.name}/{key} was being put by somebody else {TRIES} times over: try again")

    def get(self, key: str, most: int) -> bytes | None:
        """The bytes of an object, or None where there is none.

        Raises CommandError, also for one of more than `most` bytes: others put them there.
        """
        body, code = self._call(self._read, Key=key, most=most + 1)
        if code == NOT_THERE:
            return None
        if len(body) > most:
            raise CommandError(f"s3://{self.name}/{key} has more than {most:,} bytes, so it is not what belongs there")
        return bytes(body)

    def _read(self, *, most: int, **request: Any) -> bytes:
        body: bytes = self._client.get_object(**request)["Body"].read(most)
        return body

    def _call(self, operation: Any, **request: Any) -> tuple[Any, str]:
        """The answer and "", or None and the code of an error that a caller expects."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return operation(**self._bucket, **request), ""
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if code in (ALREADY_THERE, AT_THE_SAME_TIME, NOT_THERE):
                return None, code
            if code == "NoSuchBucket":
                raise CommandError(
                    f"there is no artifact bucket {self.name}: "
                    f"`make account ENV={self._environment}` makes it (docs/how-to/deploy.md)"
                ) from error
            raise CommandError(f"s3://{self.name}/{request['Key']}: {error}") from error
        except BotoCoreError as error:
            raise CommandError(f"s3://{self.name}/{request['Key']}: {error}") from error
