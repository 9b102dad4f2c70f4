"""`make import`: a file of another system's ballots becomes messages that process takes."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from shared import clock
from tests.operations.operated import SimulatedDeployment
from tests.support.counted import Counted
from tools.common.errors import CommandError
from tools.operations.redrive import Pace
from tools.operations.votes import import_ballots, import_state
from tools.operations.votes.import_ballots import Options, packed
from votes import messages
from votes.ballot import Ballot
from votes.catalogue import read_window
from votes.rules import Rules

RULES = Rules(["story", "overall"], 1, 5)
NOW_US = 1_795_248_000_000_000
DAY_US = 86_400 * 1_000_000
SETTINGS = {"aspects": ["story", "overall"], "scale": {"lowest": 1, "highest": 5}}
HEADER = "voter_id,title_id,overall,cast_at\n"


class Rig:
    """An ingest queue, a bucket and a catalogue, simulated."""

    def __init__(self, folder: Path) -> None:
        self.cloud = Counted().cloud
        self.cloud.sqs.create_queue("ingest", {})
        self.cloud.s3.create_bucket("quarantine")
        self.cloud.dynamodb.create_table("catalogue", ("title_id", "S"))
        outputs = {
            "cloud": self.cloud,
            "tables": {"catalogue": "catalogue"},
            "queues": {"ingest": {"url": self.cloud.sqs.url("ingest")}},
            "quarantine_bucket": "quarantine",
            "settings": SETTINGS,
        }
        self.deployment = SimulatedDeployment("simulated", outputs, "http://simulated", {})
        self.file = folder / "ratings.csv"
        self.said = ""

    def write(self, number: int, wrong: int = 0) -> None:
        """So many ballots over ten years, in no order, with wrong rows among them."""
        with self.file.open("w") as file:
            file.write(HEADER)
            for n in range(number):
                day = n * 37 % 3650
                at = f"{2012 + day // 365}-{day % 12 + 1:02}-{day % 28 + 1:02}T08:00:00Z"
                file.write(f"v{n},t{n % 7},{n % 5 + 1},{at}\n")
            file.writelines(f"v{n},t1,9,2015-01-01T00:00:00Z\n" for n in range(wrong))

    def run(self, **more: Any) -> int:
        console = Console(width=200, file=io.StringIO())
        options = Options(**{"file": str(self.file), "since": "2010-01-01", "rate": 5000.0, "confirm": True, **more})
        try:
            return import_ballots.run(self.deployment, console, options)
        finally:
            self.said = console.file.getvalue()  # type: ignore[attr-defined]

    def bodies(self) -> list[str]:
        return [message.body for message in self.cloud.sqs.queues["ingest"].messages.values()]

    def ballots(self) -> list[Ballot]:
        """The ballots on the queue, as process takes them in its fast way."""
        found: list[Ballot] = []
        for body in self.bodies():
            sent = messages.decode_sent(body, RULES, NOW_US)
            assert sent is not None, body
            found += sent[1]
        return found


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setattr(import_state, "BUILD", tmp_path / "build")
    monkeypatch.setattr(clock, "now_us", lambda: NOW_US)
    monkeypatch.setattr(import_ballots, "ROWS_A_STEP", 100)
    return Rig(tmp_path)


def rejects(rig: Rig) -> list[dict[str, Any]]:
    (file,) = (rig.file.parent / "build" / "import").glob("*.rejects.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_every_ballot_is_sent_as_process_takes_it(rig: Rig) -> None:
    rig.write(1000, wrong=3)
    assert rig.run() == 0
    found = rig.ballots()
    assert len(found) == len({one.ballot_id for one in found}) == 1000
    assert min(one.cast_at for one in found) < NOW_US - 14 * 365 * DAY_US
    assert f"1,003 rows: 1,000 ballots, sent in {len(rig.bodies())} messages; 3 refused" in rig.said
    assert [line["code"] for line in rejects(rig)] == ["bad-score"] * 3
    assert rejects(rig)[0]["line"] == 1002
    assert rejects(rig)[0]["row"]["overall"] == "9"
    audits = [key for key in rig.cloud.s3.buckets["quarantine"] if key.startswith("audit/import/")]
    assert len(audits) == 1
    assert b"v1" not in rig.cloud.s3.buckets["quarantine"][audits[0]].body


def test_again_it_is_the_same_ballots(rig: Rig) -> None:
    rig.write(300)
    rig.run()
    once = sorted(rig.ballots())
    rig.run(fresh=True)
    assert sorted(rig.ballots()) == sorted(once * 2)
    assert len(rejects(rig)) == 0


def test_a_dry_run_judges_all_and_sends_nothing(rig: Rig) -> None:
    rig.write(50, wrong=2)
    assert rig.run(dry_run=True, confirm=False) == 0
    assert "52 rows: 50 ballots, not sent; 2 refused" in rig.said
    assert rig.bodies() == []
    assert rig.cloud.s3.buckets["quarantine"] == {}
    assert len(rejects(rig)) == 2


def test_nothing_is_sent_before_a_person_agrees(rig: Rig) -> None:
    rig.write(5)
    assert rig.run(confirm=False) == 1
    assert rig.bodies() == []


def test_it_goes_on_where_it_broke_off(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.write(450, wrong=5)
    send = import_ballots.Sender.send
    steps: list[int] = []

    def breaks(sender: Any, ballots: Any) -> int:
        steps.append(len(ballots))
        if len(steps) == 3:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "expired"}}, "SendMessage")
        return send(sender, ballots)

    monkeypatch.setattr(import_ballots.Sender, "send", breaks)
    with pytest.raises(ClientError):
        rig.run()
    assert len(rig.ballots()) == 200
    assert rig.run() == 0
    assert "going on after 200 rows" in rig.said
    assert "455 rows: 450 ballots" in rig.said
    assert len({one.ballot_id for one in rig.ballots()}) == len(rig.ballots()) == 450
    assert len(rejects(rig)) == 5
    assert rig.run() == 0  # a finished one starts over
    assert "going on" not in rig.said


def test_another_file_is_another_import(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.write(150)
    kept = import_state.Kept("simulated", rig.file, "how")
    kept.begin(fresh=False)
    kept.progress.rows = 100
    kept.save()
    again = import_state.Kept("simulated", rig.file, "how")
    again.begin(fresh=False)
    assert again.progress.rows == 100
    for other in (import_state.Kept("simulated", rig.file, "another how"), import_state.Kept("prod", rig.file, "how")):
        other.begin(fresh=False)
        assert other.progress.rows == 0
    rig.file.write_text(rig.file.read_text() + "more")
    changed = import_state.Kept("simulated", rig.file, "how")
    changed.begin(fresh=False)
    assert changed.progress.rows == 0


def test_no_more_than_the_rate(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tools.operations.redrive.pause", slept.append)
    monkeypatch.setattr(Pace.__init__, "__defaults__", (lambda: 0.0, slept.append))
    rig.write(30)
    rig.run(rate=10.0)
    assert slept == [n / 10 for n in range(1, 30)]


def test_a_message_is_received_when_its_ballots_were_cast_on_the_same_side_of_each_window() -> None:
    opens, closes = 1_433_160_000_000_000, 1_433_160_000_000_000 + 3 * DAY_US
    at = [opens - 1, opens, opens + DAY_US, closes - 1, closes, closes + 40 * DAY_US]
    ballots = [Ballot(f"v{n}", "up", {"overall": 3}, f"b{n}", cast_at) for n, cast_at in enumerate(at)]
    times = {"opens": {"N": str(opens // 10**6)}, "closes": {"N": str(closes // 10**6)}}
    window = read_window({"title_id": {"S": "up"}, **times})
    seen = {}
    for message in packed(ballots, [opens, closes], RULES):
        sent = messages.decode_sent(message.body, RULES, NOW_US)
        assert sent is not None
        for ballot in sent[1]:
            refusal = window.refusal(sent[0])
            seen[ballot.ballot_id] = str(refusal.code) if refusal else "counts"
    assert seen == {
        "b0": "title-not-open",
        "b1": "counts",
        "b2": "counts",
        "b3": "counts",
        "b4": "title-closed",
        "b5": "title-closed",
    }


def test_the_catalogues_windows_are_read(rig: Rig) -> None:
    rows = rig.cloud.dynamodb.tables["catalogue"].items
    rows[("up",)] = {"title_id": {"S": "up"}, "opens": {"N": "5"}, "closes": {"N": "9"}}
    rows[("bad",)] = {"title_id": {"S": "bad"}, "opens": {"S": "tomorrow"}}
    rows[("open",)] = {"title_id": {"S": "open"}}
    assert import_ballots.edges(rig.cloud.client("dynamodb"), "catalogue") == [5_000_000, 9_000_000]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"file": None}, "FILE is missing"),
        ({"file": "no-such-file.csv"}, "cannot read"),
        ({"since": None}, "SINCE is missing"),
        ({"times": "minutes"}, "TIMES='minutes' must be"),
        ({"rate": 0.0}, "RATE=0"),
        ({"rate": float("nan")}, "RATE=nan"),
        ({"columns": "overall=stars"}, "has no story or stars or votes"),
        ({"scores": "3.5=9"}, "from 1 to 5"),
    ],
)
def test_what_a_person_must_say(rig: Rig, more: dict[str, Any], says: str) -> None:
    rig.write(3)
    with pytest.raises(CommandError, match=says):
        rig.run(**more)
    assert rig.bodies() == []
