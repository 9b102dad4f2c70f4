"""How long to wait before a failed call is tried again."""

import random


def pause_seconds(retry: int, first: float, most: float = float("inf")) -> float:
    """The seconds to wait before retry number `retry` (from 1).

    `first` doubles with each retry and is never more than `most`; of that between a half and all is
    waited, by chance, so that those who failed together do not come back together. This is "equal
    jitter" of the AWS Architecture Blog's "Exponential Backoff And Jitter":
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0.5, 1) * min(most, first * 2.0 ** min(retry - 1, 30))  # noqa: S311
