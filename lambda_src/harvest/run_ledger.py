"""The ledger's runs: state, counts and roots, each write one row under one condition."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from harvest import run_rows
from harvest.ledger import Item, Ledger, expires, key_of
from harvest.parcels import Parcel
from harvest.run_rows import Counts, Run, State
from shared import clock, dynamo
from shared.dynamo import number

ROOT_TRIES = 10
NAMES = "name#"  # before a name, in the place of a run's id: which run of that name is the last

_OVER: Item = {f":over{i}": {"S": state} for i, state in enumerate(sorted(run_rows.OVER))}
_NOT_OVER = " AND ".join(f"#state <> {name}" for name in _OVER)


class Name(NamedTuple):
    """A run's name: its `last` run, and the start of its last complete one (ms), as it was when the
    last run began.
    """

    last: str | None
    since: int | None


class RootsBusy(Exception):
    """Others add groups to the run all the time: try again."""


class RunLedger:
    """The rows of the runs themselves, in the ledger's table. `client` is a DynamoDB client.

    Its methods raise the client's ClientError.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client, self._table = client, table
        self._parcels = Ledger(client, table)

    def run(self, run_id: str) -> Run | None:
        """A run's own row."""
        asked = {"TableName": self._table, "Key": key_of(run_id, run_rows.ITEM)}
        item = self._client.get_item(**asked, ConsistentRead=True).get("Item")
        return run_rows.read(item) if item else None

    # What pace writes: the counts of a run, fenced by its turn.

    def adopt(self, run_id: str, turn: int) -> bool:
        """Keep pacers of earlier turns from writing counts; False where a later one has."""
        return self._update(run_id, "SET turn = :turn", "turn <= :turn", {":turn": number(turn)})

    def write_counts(
        self, run_id: str, turn: int, counts: Counts, first_call_ms: int, recent: float
    ) -> bool:
        """Write the counts, and the calls a second of late; False when another turn has the run."""
        return self._update(
            run_id,
            "SET counts = :counts, first_call = :first, recent = :recent, written = :now",
            "turn = :turn",
            {
                ":counts": {"S": counts.to_json()},
                ":first": number(first_call_ms),
                ":recent": {"N": f"{recent:.2f}"},
                ":now": number(clock.now_us() // 1000),
                ":turn": number(turn),
            },
        )

    def complete(self, run_id: str, turn: int, roots: int, counts: Counts) -> bool:
        """Complete a run whose tasks are all settled, if it has no more roots than were seen.

        False when another turn has it, a root was added, or it does not run. Raises ValueError
        where the counts do not agree.
        """
        if not counts.agree:
            raise ValueError(f"run {run_id} is not complete: expected is not ok + gone + failed")
        state = run_rows.WITH_FAILURES if counts.failed else run_rows.COMPLETED
        return self._update(
            run_id,
            "SET #state = :over, counts = :counts, written = :now, ended = :now",
            "turn = :turn AND roots = :roots AND #state = :running",
            {
                ":over": {"S": state},
                ":running": {"S": run_rows.RUNNING},
                ":counts": {"S": counts.to_json()},
                ":now": number(clock.now_us() // 1000),
                ":turn": number(turn),
                ":roots": number(roots),
            },
        )

    # What people do, and whoever finds that a run cannot go on.

    def create(self, run: Run) -> bool:
        """Put a new run's row; False when there is one of that id."""
        return dynamo.unless_refused(
            self._client.put_item,
            TableName=self._table,
            Item=run_rows.item_of(run, expires()),
            ConditionExpression="attribute_not_exists(run_id)",
        )

    def set_state(
        self, run_id: str, state: State, reason: str, *, of: Sequence[State], cap: int | None = None
    ) -> bool:
        """Lead a run from one of the states `of` to another; False when it is in none of them.

        `reason` is for people. `cap` sets the most calls it may come to know.
        """
        now = number(clock.now_us() // 1000)
        values: Item = {f":of{index}": {"S": one} for index, one in enumerate(of)}
        values |= {":state": {"S": state}, ":reason": {"S": reason}, ":now": now}
        changes = "SET #state = :state, reason = :reason, changed = :now"
        if state in run_rows.OVER:
            changes += ", ended = :now"
        if cap is not None:
            changes, values = f"{changes}, cap = :cap", values | {":cap": number(cap)}
        condition = " OR ".join(f"#state = :of{index}" for index in range(len(of)))
        return self._update(run_id, changes, condition, values)

    def stop(self, run_id: str, reason: str) -> bool:
        """Stop a running run with one message for people; False when it does not run.

        It goes on where it was once somebody resumes it.
        """
        return self.set_state(run_id, run_rows.STOPPED, reason, of=[run_rows.RUNNING])

    def set_rate(self, run_id: str, rate: float | None) -> bool:
        """Cap a run's calls a second; None takes the cap away. False when the run is over."""
        changes, values = "REMOVE rate", dict[str, Any]()
        if rate is not None:
            changes, values = "SET rate = :rate", {":rate": {"N": repr(rate)}}
        return self._update(
            run_id, changes, f"attribute_exists(run_id) AND {_NOT_OVER}", values | _OVER
        )

    def add_groups(self, run_id: str, key: str, groups: Sequence[Parcel]) -> bool:
        """Add groups to a run, as a root more; False when it is over, or there is none.

        The run's row is written last: who counts the roots finds them whole. Raises NotAllPut, and
        RootsBusy where others add theirs all the time.
        """
        for _ in range(ROOT_TRIES):
            run = self.run(run_id)
            if run is None or run.is_over:
                return False
            put = self._parcels.put_root(run_id, run.roots, key, groups)
            # where it was there, whoever put it has died, or counts it himself now
            counted = self._update(
                run_id,
                "SET roots = :more",
                "roots = :roots AND " + _NOT_OVER,
                {":roots": number(run.roots), ":more": number(run.roots + 1), **_OVER},
            )
            if put and (counted or self._has_roots(run_id, run.roots + 1)):
                return True
        raise RootsBusy(f"run {run_id} was given other groups {ROOT_TRIES} times meanwhile")

    def _has_roots(self, run_id: str, roots: int) -> bool:
        run = self.run(run_id)
        return run is not None and run.roots >= roots

    def name(self, name: str) -> Name:
        """What is known of a run's name."""
        asked = {"TableName": self._table, "Key": key_of(NAMES + name, run_rows.ITEM)}
        item = self._client.get_item(**asked, ConsistentRead=True).get("Item")
        if not item:
            return Name(None, None)
        return Name(item["last"]["S"], int(item["since"]["N"]) if "since" in item else None)

    def take_name(self, name: str, new: Name, last: str | None) -> bool:
        """Make a run the last of its name, in place of `last`; False when another came first."""
        asked: Item = {"ConditionExpression": "attribute_not_exists(run_id)"}
        if last is not None:
            asked = {
                "ConditionExpression": "#last = :last",
                "ExpressionAttributeNames": {"#last": "last"},
                "ExpressionAttributeValues": {":last": {"S": last}},
            }
        row = {**key_of(NAMES + name, run_rows.ITEM), "last": {"S": new.last}}
        row |= {} if new.since is None else {"since": number(new.since)}
        return dynamo.unless_refused(
            self._client.put_item, TableName=self._table, Item=row, **asked
        )

    # What all of them do.

    def _update(self, run_id: str, changes: str, condition: str, values: Item) -> bool:
        """Write a run's own row under a condition; False when that does not hold."""
        names = {"#state": "state"} if "#state" in changes + condition else {}
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._table,
            Key=key_of(run_id, run_rows.ITEM),
            UpdateExpression=changes,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            **({"ExpressionAttributeNames": names} if names else {}),
        )
