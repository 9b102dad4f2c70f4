"""What the demonstration shows where nothing that draws is installed."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from rich.console import Console

from shared.conserved import Witnesses
from tools.common import balance, pictures
from tools.demo.votes import demo, running
from tools.traffic.queue_picture import Sample
from tools.traffic.votes.verdict import Verdict

WATCH: Any = mock.Mock(samples=[Sample(float(at), {"ingest": at, "count": 1, "tick": 0}) for at in range(3)])


def printed(images: list[Path]) -> str:
    """The picture of the queues as a terminal gets it."""
    output = StringIO()
    demo._depths(Console(file=output, width=200), WATCH, images)
    return output.getvalue()


def test_queues_are_drawn_in_blocks_and_as_images(tmp_path: Path) -> None:
    images = demo._images(WATCH, demo.Figures(send_seconds=1.0), tmp_path)
    assert printed(images).count("│") == 3 * 4
    assert printed(images).endswith(f"as an image: {tmp_path}/queue-depth.svg, {tmp_path}/queue-depth.png\n")


def test_without_what_draws_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "can_draw", lambda: False)
    images = demo._images(WATCH, demo.Figures(send_seconds=1.0), tmp_path)
    assert not images
    assert printed(images).count("│") == 3 * 4
    assert printed(images).endswith("as an image: make demo PICTURE=yes (installs matplotlib)\n")


@pytest.mark.parametrize("problems", [[], ["one ballot is missing"]])
def test_the_last_line_is_the_balance_in_words_and_colour(problems: list[str]) -> None:
    output = StringIO()
    console = Console(file=output, width=80, force_terminal=True, color_system="standard")
    balance.print_balance(console, "3 distinct ballots = 2 counted + 1 quarantined, 0 missing", problems)
    colour, words = ("\x1b[1;31m", "FAILED, 1 problem") if problems else ("\x1b[1;32m", "all came out as counted")
    assert output.getvalue().startswith(colour)
    assert words in output.getvalue()


def test_a_sum_says_whether_it_comes_out() -> None:
    assert balance.sides(3, "sent", "3 read", 3) == "3 sent = 3 read, 0 missing"
    assert balance.sides(3, "sent", "2 read", 2) == "3 sent ≠ 2 read, 1 missing"
    assert balance.sides(3, "sent", "4 read", 4) == "3 sent ≠ 4 read, 0 missing, 1 too many"


def test_witnesses_are_a_sum_over_what_was_accepted() -> None:
    seen = Witnesses()
    seen.accepted = {"a": 1, "b": 1, "c": 1}
    seen.settled.update({"counted": {"a": 1, "by-hand": 1}, "superseded": {"a": 1, "b": 1}, "quarantined": {"c": 1}})
    assert running.settled(seen) == "3 accepted over HTTP = counted 1 + quarantined 1 + superseded 1; 0 missing"


def test_a_balance_that_does_not_come_out_is_a_problem() -> None:
    verdict = Verdict(accepted=5, repeats=1, by_hand=1)
    assert verdict.balance(5, 0) == "5 distinct ballots = 0 counted + 5 quarantined, 0 missing"
    assert verdict.problems == []
    assert verdict.balance(4, 1) == "5 distinct ballots ≠ 0 counted + 4 quarantined, 1 missing"
    assert len(verdict.problems) == 1
