"""A vendor account's row: whose turn it is, what was granted, what people and refusals ask for.

All runs on the account share it. Times are milliseconds since the epoch. The token's fields are
the work function's own, see there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from harvest.adaptive import Found
from shared import dynamo, versions
from shared.dynamo import number, whole

VERSION = 1
NEVER_MS = 10**14  # when something is due, where nothing is

Item = dict[str, Any]
Used = dict[str, dict[int, int]]  # budget → window → calls granted in it


@dataclass(slots=True)
class Granted:
    """What a pacer hands to the next: it knows nothing else but the rows.

    No slot was given at `until` or later. `used` counts the budgets. `found` is the adaptive rate.
    `sent` are parcels let out that nobody was seen to claim, each with its first and last slot, by
    run; a pacer that dies leaves none.
    """

    until: float = 0.0
    used: Used = field(default_factory=dict)
    found: Found | None = None
    sent: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)

    def to_json(self) -> str:
        """As the row holds it."""
        plain = [self.until, self.used, self.found, self.sent]
        return json.dumps(plain, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> "Granted":
        """As the row holds it."""
        until, used, found, sent = json.loads(text)
        return Granted(
            until,
            {name: {int(w): n for w, n in windows.items()} for name, windows in used.items()},
            Found(*found) if found else None,
            {run: {one: (at[0], at[1]) for one, at in of.items()} for run, of in sent.items()},
        )


@dataclass(frozen=True, slots=True)
class Account:
    """The row as it is now.

    `turn` fences the pacer that gave its last `beat`, and has `handed` over, or not; `asleep`:
    nobody misses one until then. `idle_turns` were taken since work was last settled. `runs` are on
    it. The wish: no call before `until`; `stops` counts what makes workers hand back, `asked` what
    only a pacer need look at, `throttles` the refusals.
    """

    account: str
    turn: int = 0
    beat: int = 0
    handed: bool = False
    asleep: int = 0
    idle_turns: int = 0
    runs: tuple[str, ...] = ()
    stops: int = 0
    asked: int = 0
    until: int = 0
    throttles: int = 0
    granted: Granted = field(default_factory=Granted)

    def misses_pacer(self, now_ms: int, silent_ms: int) -> bool:
        """Whether it has runs, and nobody paces them who should."""
        return bool(self.runs) and now_ms > max(self.beat + silent_ms, self.asleep)

    def is_paced(self, now_ms: int, silent_ms: int) -> bool:
        """Whether a pacer is at work, as far as anybody knows."""
        return not self.handed and now_ms <= self.beat + silent_ms

    @property
    def sleeps_for_good(self) -> bool:
        """Whether nothing ran when its pacer rested, so that only a wish wakes it."""
        return self.asleep >= NEVER_MS // 2


class Accounts:
    """The table of accounts. `client` is a DynamoDB client: methods raise its ClientError."""

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table

    def get(self, account: str) -> Account:
        """An account; one that nobody has written yet is empty."""
        item = self._client.get_item(
            TableName=self._table, Key=_key(account), ConsistentRead=True
        ).get("Item")
        return read(item) if item else Account(account)

    # The wish.

    def stop(self, account: str) -> None:
        """Make every worker hand back what it has not called: something slows or ends a run."""
        self._update(account, "ADD stops :one", {":one": number(1)})

    def ask(self, account: str) -> None:
        """Make a pacer that is about to rest look again: there is more to do.

        Workers go on with what they have: to hand it back would cost the slots of two seconds.
        """
        self._update(account, "ADD asked :one", {":one": number(1)})

    def refuse(self, account: str, until_ms: int) -> None:
        """Let nobody call until then: the vendor has refused a call.

        One write; a second one where a later time is known already, and everybody stops anyway.
        """
        values = {":until": number(until_ms), ":one": number(1)}
        later = "attribute_not_exists(#until) OR #until < :until"
        changes = "SET #until = :until ADD stops :one, throttles :one"
        if not self._update(account, changes, values, later, {"#until": "until"}):
            self._update(account, "ADD throttles :one", {":one": number(1)})

    # Runs on the account.

    def add_run(self, account: str, run_id: str) -> None:
        """Let the pacer of the account pace a run too."""
        empty = {":empty": {"M": {}}, ":version": number(VERSION)}
        self._update(account, "SET runs = if_not_exists(runs, :empty), v = :version", empty)
        names = {"#run": run_id}
        self._update(account, "SET runs.#run = :one", {":one": number(1)}, None, names)

    def remove_run(self, account: str, run_id: str) -> None:
        """Nothing is left to do for a run."""
        there = "attribute_exists(runs.#run)"
        self._update(account, "REMOVE runs.#run", {}, there, {"#run": run_id})

    # The pacer's.

    def take_turn(self, seen: Account, now_ms: int) -> Account | None:
        """Take the turn after the one that was seen: the row as it is then.

        None when somebody else took it. What was granted up to this moment is in the row; nothing
        more can be by an earlier turn.
        """
        values = {":next": number(seen.turn + 1), ":seen": number(seen.turn)}
        values |= {":now": number(now_ms), ":one": number(1), ":none": number(0)}
        condition = "turn = :seen" if seen.turn else "attribute_not_exists(turn) OR turn = :seen"
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=_key(seen.account),
                UpdateExpression=(
                    "SET turn = :next, beat = :now, handed = :none, asleep = :none "
                    "ADD idle_turns :one"
                ),
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise
            return None
        return read(answer["Attributes"])

    def grant(
        self,
        account: str,
        turn: int,
        granted: Granted,
        now_ms: int,
        *,
        idle: bool,
        hands_over: bool = False,
    ) -> bool:
        """Write what is granted, before anything of it is sent; False when the turn is another's.

        `idle`: nothing was settled in this turn, and something should have.
        """
        changes = "SET granted = :granted, beat = :beat, handed = :handed"
        values = {":granted": {"S": granted.to_json()}, ":beat": number(now_ms)}
        values |= {":handed": number(int(hands_over)), ":turn": number(turn)}
        if not idle:
            changes, values = f"{changes}, idle_turns = :none", values | {":none": number(0)}
        return self._update(account, changes, values, "turn = :turn")

    def rest(self, seen: Account, granted: Granted, now_ms: int, asleep: int) -> bool:
        """End the pacing, missed by nobody until `asleep`; False when the turn is another's.

        Or when somebody has wished for something since the row was seen: then they expect a pacer.
        """
        changes = (
            "SET granted = :granted, beat = :now, handed = :one, idle_turns = :none, "
            "asleep = :asleep"
        )
        values = {":granted": {"S": granted.to_json()}, ":asleep": number(asleep)}
        values |= {":turn": number(seen.turn), ":stops": number(seen.stops)}
        values |= {":now": number(now_ms), ":one": number(1), ":none": number(0)}
        values |= {":asked": number(seen.asked)}
        stops, asked = _still("stops", seen.stops), _still("asked", seen.asked)
        condition = f"turn = :turn AND {stops} AND {asked}"
        return self._update(seen.account, changes, values, condition)

    def _update(
        self,
        account: str,
        changes: str,
        values: Item,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> bool:
        request: Item = {"UpdateExpression": changes}
        if values:
            request["ExpressionAttributeValues"] = values
        if condition:
            request["ConditionExpression"] = condition
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        return dynamo.unless_refused(
            self._client.update_item, TableName=self._table, Key=_key(account), **request
        )


def read(item: Mapping[str, Any]) -> Account:
    """An account's row. Raises versions.NewerVersion."""
    versions.require_known("an account's row", whole(item, "v"), VERSION)
    return Account(
        account=item["account"]["S"],
        turn=whole(item, "turn"),
        beat=whole(item, "beat"),
        handed=whole(item, "handed") == 1,
        asleep=whole(item, "asleep"),
        idle_turns=whole(item, "idle_turns"),
        runs=tuple(sorted(item["runs"]["M"])) if "runs" in item else (),
        stops=whole(item, "stops"),
        asked=whole(item, "asked"),
        until=whole(item, "until"),
        throttles=whole(item, "throttles"),
        granted=Granted.from_json(item["granted"]["S"]) if "granted" in item else Granted(),
    )


def _still(name: str, seen: int) -> str:
    """The condition that a count is what was seen."""
    return f"{name} = :{name}" if seen else f"(attribute_not_exists({name}) OR {name} = :{name})"


def _key(account: str) -> Item:
    return {"account": {"S": account}}
