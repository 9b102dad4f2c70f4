"""The model of a view: right as designed, and each broken variant is caught."""

import pytest

from tools.simulation.votes.view_model import VARIANTS, history


def test_results_are_what_was_so_and_never_go_back() -> None:
    assert [wrong for seed in range(30) if (wrong := history(seed))] == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_broken_variant_is_caught(variant: str) -> None:
    assert any(history(seed, variant) for seed in range(100))
