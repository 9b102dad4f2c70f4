"""What stands of a batch in the database: a lane's last answer, an object beside the documents."""

from typing import Any

from botocore.exceptions import ClientError

from receipts.delivery import messages
from receipts.delivery.messages import Standing
from receipts.ids import customer_key
from receipts.messages import Unreadable
from shared import logs

MOST_BYTES = 1_000_000  # 2,000 files of 40 bytes each
_GONE = ("NoSuchKey", "404")


class Answers:
    """The lanes' answers in the bucket of documents. `s3` is a client; its errors pass through."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self._s3, self._bucket = s3, bucket

    def keep(self, answer: Standing) -> bool:
        """Keep an answer; False where a later one is kept."""
        there = self.last(answer.customer_id, answer.batch_id)
        if there is not None and there.at >= answer.at:
            return False
        self._s3.put_object(
            Bucket=self._bucket,
            Key=key_of(answer.customer_id, answer.batch_id),
            Body=messages.encode(answer).encode("ascii"),
            ContentType="application/json",
        )
        return True

    def last(self, customer_id: str, batch_id: str) -> Standing | None:
        """The last answer about a batch; None before there was one. Raises NewerVersion."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key_of(customer_id, batch_id))
        except ClientError as error:
            if logs.kind_of(error) in _GONE:
                return None
            raise
        try:
            found = messages.decode_outcome(answer["Body"].read(MOST_BYTES).decode("utf-8"))
        except (Unreadable, UnicodeDecodeError):
            return None  # nobody of ours wrote it: ask again
        return found if isinstance(found, Standing) else None


def key_of(customer_id: str, batch_id: str) -> str:
    """Where the answer about a batch lies in the bucket of documents."""
    return f"reports/{customer_key(customer_id)}/{batch_id}.json"
