"""Pauses double, stop at the most, and are between a half and all of that."""

import pytest

from shared.backoff import pause_seconds


@pytest.mark.parametrize(("retry", "longest"), [(1, 2), (2, 4), (5, 32), (6, 60), (2000, 60)])
def test_pauses_double_up_to_the_most(retry: int, longest: float) -> None:
    pauses = [pause_seconds(retry, 2, 60) for _ in range(200)]
    assert longest / 2 <= min(pauses) < max(pauses) <= longest
