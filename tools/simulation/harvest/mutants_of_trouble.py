"""Mutants of what is done when something goes wrong: refusals, pauses, poison, parts of a batch."""

from tools.simulation.mutants.mutant import Mutant

FRONTIER = "lambda_src/harvest/frontier.py"
TURN = "lambda_src/harvest/turn.py"
WATCH = "lambda_src/harvest/watch.py"

MUTANTS = [
    Mutant(
        "slots are given while the vendor refuses all",
        TURN,
        "start = max(now + pacing.lead_ms, account.until, self._floor)",
        "start = max(now + pacing.lead_ms, self._floor)",
    ),
    Mutant(
        "workers do not hand back when somebody asks to stop",
        WATCH,
        "self._stopped = self._stopped or self.account.stops != self._stops",
        "self._stopped = self._stopped or self.account.stops < self._stops",
    ),
    Mutant(
        "parcels are let out of a run that is paused",
        "lambda_src/harvest/release.py",
        "of = {one.run.run_id: one for one in all_ if one.run.state == run_rows.RUNNING}",
        "of = {one.run.run_id: one for one in all_}",
    ),
    Mutant(
        "a run's own rate is not kept",
        "lambda_src/harvest/release.py",
        "            rate=run.rate,\n",
        "            rate=None,\n",
    ),
    Mutant(
        "a parcel that kills its workers is let out for ever",
        FRONTIER,
        "elif parcel.tries >= self._pacing.tries:",
        "elif parcel.tries >= 10**9:",
    ),
    Mutant(
        "what a batch of writes left is not put",
        "lambda_src/harvest/ledger.py",
        """            waiting = answer.get("UnprocessedItems", {}).get(self._table, [])
            if not waiting:
                return
""",
        """            return
""",
        "tests/lambda_src/harvest/test_harvest_ledger.py",
    ),
    Mutant(
        "children that could not be read in time are forgotten",
        FRONTIER,
        "            self._unread = ids\n",
        "            self._unread = []\n",
        "tests/lambda_src/harvest/test_harvest_frontier.py",
    ),
    Mutant(
        "a slot is sent before it is granted",
        TURN,
        """        if sent or now >= self._beat + BEAT_MS:
            self._grant(now)
        self._send(sent)
""",
        """        self._send(sent)
        if sent or now >= self._beat + BEAT_MS:
            self._grant(now)
""",
    ),
    Mutant(
        "a parcel claimed in an earlier turn does not count as out",
        FRONTIER,
        "elif parcel.end and now <= parcel.end + clocks:",
        "elif parcel.end and known and now <= parcel.end + clocks:",
        "tests/lambda_src/harvest/test_harvest_pace_trouble.py",
    ),
    Mutant(
        "the rows of a split parcel are any pacer's to put",
        "lambda_src/harvest/poison.py",
        'key = f"{parcels.SPLIT}-{turn}"',
        "key = parcels.SPLIT",
        "tests/lambda_src/harvest/test_harvest_poison.py",
    ),
]
