"""process and the catalogue: titles that are listed obey their window, judged by when the ballot
was received.
"""

import json
from typing import Any

import pytest

from tests.lambda_src.stack import NOW_US, Stack, ballot, counted, ingest, record, stamped
from votes.catalogue import Window


class TestCatalogue:
    """Titles that are listed obey their window, judged by when the ballot was received."""

    def judge(self, stack: Stack, title_id: str, received_at: int = NOW_US) -> str:
        """Where a ballot on a title ends: counted, or the reason."""
        before = {reason: len(lines) for reason, lines in stack.quarantined().items()}
        body = {"v": 1, "received_at": received_at, "ballots": [ballot(title_id=title_id)]}
        assert stack.process([record(json.dumps(body), sent_at_us=NOW_US + 10**12)]) == []
        after = [reason for reason, lines in stack.quarantined().items() if len(lines) != before.get(reason, 0)]
        return after[0] if after else "counted" if counted(stack) else "lost"

    def test_windows(self, stack: Stack) -> None:
        second, start = 1_000_000, NOW_US // 1_000_000
        stack.list_title("both", opens=str(start), closes=str(start + 10))
        stack.list_title("opening", opens=str(start))
        stack.list_title("closing", closes=str(start + 10))
        stack.list_title("always")
        assert [self.judge(stack, "both", NOW_US + at) for at in (-1, 0, 10 * second - 1, 10 * second)] == [
            "title-not-open",
            "counted",
            "counted",
            "title-closed",
        ]
        assert [self.judge(stack, "opening", NOW_US + at) for at in (-1, 0, 10**11)] == [
            "title-not-open",
            "counted",
            "counted",
        ]
        assert [self.judge(stack, "closing", NOW_US + at) for at in (-(10**11), 0, 10**11)] == [
            "counted",
            "counted",
            "title-closed",
        ]
        assert self.judge(stack, "always") == "counted"

    def test_the_time_a_client_gives_opens_and_closes_nothing(self, stack: Stack) -> None:
        stack.list_title("closed", closes=str(NOW_US // 1_000_000 - 30))
        stack.list_title("open", opens=str(NOW_US // 1_000_000 - 30))
        assert stack.process([record(ingest(stamped(title_id=title_id))) for title_id in ("closed", "open")]) == []
        assert [one.title_id for one in counted(stack)] == ["open"]
        assert stack.quarantined().keys() == {"title-closed"}

    def test_a_title_that_is_not_listed(self, stack: Stack) -> None:
        assert self.judge(stack, "new") == "counted"
        stack.setenv(UNLISTED_TITLES="quarantine")
        assert self.judge(stack, "new") == "unknown-title"
        (line,) = stack.quarantined()["unknown-title"]
        assert line["ballot"] | {"ballot_id": "", "cast_at": 0} == ballot(title_id="new", ballot_id="", cast_at=0)
        stack.list_title("listed")
        assert self.judge(stack, "listed") == "counted"

    def test_look_ups_are_kept_for_a_minute(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [1000.0]
        monkeypatch.setattr("shared.clock.monotonic", lambda: now[0])
        assert self.judge(stack, "film") == "counted"
        stack.list_title("film", closes="1")
        now[0] += 59.9
        assert self.judge(stack, "film", NOW_US + 1) == "counted"
        now[0] += 0.2
        assert self.judge(stack, "film", NOW_US + 2) == "title-closed"

    def test_a_row_nobody_can_read_makes_its_ballots_wait(self, stack: Stack) -> None:
        row = {"title_id": {"S": "broken"}, "opens": {"S": "tomorrow"}}
        stack.dynamodb.put_item(TableName=stack.tables["catalogue"], Item=row)
        broken, good = record(ingest(stamped(title_id="broken"))), record(ingest(stamped()))
        assert stack.process([broken, good]) == [broken["messageId"]]
        assert len(counted(stack)) == 1
        (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
        assert (line["place"], line["kind"], line["count"]) == ("catalogue", "BadRow", 1)
        assert (
            line["detail"] == "the catalogue row of broken has a bad opens: it must be a number of seconds since 1970"
        )

    @pytest.mark.parametrize(
        ("times", "becomes"),
        [
            ({"opens": "253402318799"}, "title-not-open"),  # 9999-12-31T23:59:59-05:00: the year 10000 in UTC
            ({"opens": "1795248000000"}, "title-not-open"),  # milliseconds
            ({"opens": "1e100"}, "title-not-open"),
            ({"closes": "253402318799"}, "counted"),
            ({"closes": "1e100"}, "counted"),
            ({"opens": "-1e100"}, "counted"),
            ({"closes": "-1e100"}, "title-closed"),
            ({"opens": "-62135596801", "closes": "-62135596801"}, "title-closed"),
        ],
    )
    def test_a_time_that_no_calendar_has_is_a_time_all_the_same(
        self, stack: Stack, times: dict[str, str], becomes: str
    ) -> None:
        """And whatever else is in the batch is counted."""
        stack.list_title("odd", **times)
        one, another = record(ingest(stamped(title_id="odd"))), record(ingest(stamped(ballot_id="another")))
        assert stack.process([one, another]) == []
        assert [held.ballot_id for held in counted(stack) if held.title_id != "odd"] == ["another"]
        if becomes != "counted":
            (line,) = stack.quarantined()[becomes]
            assert "a time after the year 9999" in line["detail"] or "a time before the year 1" in line["detail"]
        assert (becomes == "counted") == (stack.quarantined() == {})

    def test_what_nobody_foresaw_in_one_message_fails_it_alone(
        self, stack: Stack, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(window: Window, received_at: int) -> None:
            if window.closes:
                raise ArithmeticError("of the title's own")

        monkeypatch.setattr(Window, "refusal", fail)
        stack.list_title("odd", closes="9999999999")
        odd, good = record(ingest(stamped(title_id="odd"))), record(ingest(stamped()))
        assert stack.process([odd, good]) == [odd["messageId"]]
        assert len(counted(stack)) == 1
        (line,) = [line for line in stack.logged() if line.get("level") == "ERROR"]
        assert (line["place"], line["kind"], line["message_ids"]) == ("judge", "ArithmeticError", [odd["messageId"]])

    @pytest.mark.parametrize("value", [{"S": "9"}, {"BOOL": True}, {"N": "NaN"}, {"L": []}, {"M": {"N": {"N": "1"}}}])
    def test_a_row_of_any_kind_keeps_to_its_title(self, stack: Stack, value: dict[str, Any]) -> None:
        """Whatever a table may answer."""
        item = {"title_id": {"S": "odd"}, "closes": value}

        class Table:
            def batch_get_item(self, **_: Any) -> Any:
                return {"Responses": {stack.tables["catalogue"]: [item, {"title_id": {"S": "the-wire"}}]}}

        stack.replace_client("dynamodb", Table())
        odd, good = record(ingest(stamped(title_id="odd"))), record(ingest(stamped()))
        assert stack.process([odd, good]) == [odd["messageId"]]
        assert len(counted(stack)) == 1
