"""What a function logs, caught in a buffer; the worker's own logger keeps the standard output of
the first test.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from unittest import mock

from aws_lambda_powertools.logging import Logger

_numbers = count()


class Log:
    """The lines logged so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@contextmanager
def own_logger(service: str) -> Iterator[Log]:
    """Replace the worker's logger by one of this service that writes to what is yielded."""
    log = Log()
    # a stream is kept by the service's name
    logger = Logger(service=f"{service}-{next(_numbers)}", stream=log.stream)
    logger.append_keys(service=service)
    with mock.patch("shared.logs.logger", return_value=logger):
        yield log
