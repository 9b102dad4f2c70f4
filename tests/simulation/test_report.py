"""What a campaign says: of few histories, what never fired is told and no failure."""

import io

import pytest
from rich.console import Console

from tools.simulation.campaign import Found
from tools.simulation.report import show


class Nothing:
    """A pipeline that makes one call."""

    class matrix:  # noqa: N801 - an attribute
        calls = ("one sqs.SendMessage queue (send)",)
        cells = ()
        label = None

    events = ("outage",)


@pytest.mark.parametrize(("few", "good"), [(True, True), (False, False)])
def test_what_never_fired_fails_a_whole_campaign_alone(few: bool, good: bool) -> None:
    said = io.StringIO()
    console = Console(file=said, width=200)
    assert show(console, Nothing(), Found(7), seconds=1.0, brief=False, any_call=False, few=few) is good  # type: ignore[arg-type]
    assert ("2 calls, cells and events never fired" in said.getvalue()) is few
    assert ("never fired: call one sqs.SendMessage queue (send)" in said.getvalue()) is not few
