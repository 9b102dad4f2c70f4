"""An object of S3's as a file that is read in ranges: never more of it than is asked for."""

import errno
import io
from typing import Any

BLOCK_BYTES = 512 * 1024  # as measured: larger ones take memory, smaller ones requests
TAIL_BYTES = 256 * 1024  # read once: the end of an archive is looked at four times, then its list


class Ranged(io.RawIOBase):
    """The object with this ETag and `size`, by one request a read.

    `s3` is a client, whose errors pass through as ClientError: PreconditionFailed where the object
    has been replaced since.
    """

    def __init__(self, s3: Any, bucket: str, key: str, etag: str, size: int) -> None:
        super().__init__()
        self._s3, self._asked = s3, {"Bucket": bucket, "Key": key, "IfMatch": etag}
        self._size, self._place = size, 0
        self._tail_at, self._tail = max(0, size - TAIL_BYTES), b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place, from the start, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the start of the object")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Read on from here: how many bytes, 0 at the end."""
        wanted = min(len(buffer), self._size - self._place)
        if wanted <= 0:
            return 0
        read = self._at(self._place, wanted)
        buffer[: len(read)] = read
        self._place += len(read)
        return len(read)

    def _at(self, place: int, wanted: int) -> bytes:
        if place < self._tail_at:
            return self._get(place, wanted)
        if not self._tail:
            self._tail = self._get(self._tail_at, self._size - self._tail_at)
        return self._tail[place - self._tail_at :][:wanted]

    def _get(self, place: int, wanted: int) -> bytes:
        answer = self._s3.get_object(**self._asked, Range=f"bytes={place}-{place + wanted - 1}")
        read: bytes = answer["Body"].read()
        return read


def opened(s3: Any, bucket: str, key: str, etag: str, size: int) -> io.BufferedReader:
    """The object as a file that reads in blocks.

    The buffer is needed: zipfile takes a read that gives less than asked for the file's end.
    """
    return io.BufferedReader(Ranged(s3, bucket, key, etag, size), BLOCK_BYTES)
