"""Mutants of the protocol: each breaks one of its rules (docs/harvest/protocol.md, "Why it holds").

Some show in one history of a hundred only: several hundred are needed for each.
"""

from tools.simulation.mutants.mutant import Mutant

ACCOUNTS = "lambda_src/harvest/accounts.py"
LEDGER = "lambda_src/harvest/ledger.py"
TURN = "lambda_src/harvest/turn.py"
WORK = "lambda_src/harvest/work.py"

MUTANTS = [
    Mutant(
        "children are put after the commit",
        WORK,
        """        self._ledger.put_children(run_id, children)
        fanout.each(lambda group: self._ledger.put_group(run_id, group), groups)
""",
        """        self._late = lambda: self._ledger.put_children(run_id, children)
        fanout.each(lambda group: self._ledger.put_group(run_id, group), groups)
        self._ledger.commit(
            run_id, parcel.id, claim, Settlement(found.outcomes, len(children), [g.id for g in groups], key)
        )
        self._late()
""",
    ),
    Mutant(
        "a parcel is settled before its answers are stored",
        WORK,
        """        key = self._store(run_id, parcel, claim, found)
        self._put_away(run_id, parcel, claim, found)
""",
        """        key = results.parcel_key(run_id, parcel.group, parcel.id, claim) if found.lines else ""
        self._put_away(run_id, parcel, claim, found)
""",
    ),
    Mutant(
        "children's ids do not carry the claim",
        "lambda_src/harvest/parcels.py",
        'return _digest("child", parent, str(key), str(index))',
        'return _digest("child", parent, str(index))',
    ),
    Mutant(
        "the commit has no condition",
        LEDGER,
        'ConditionExpression="#state = :open AND claim = :claim"',
        'ConditionExpression="attribute_exists(#state) OR (#state = :open AND claim = :claim)"',
    ),
    Mutant(
        "a claim does not look for the end of the one before",
        LEDGER,
        'ConditionExpression="#state = :open AND #end < :claim"',
        'ConditionExpression="#state = :open AND (#end < :claim OR attribute_exists(#end))"',
    ),
    Mutant(
        "claims never expire",
        "lambda_src/harvest/frontier.py",
        "elif parcel.end and now <= parcel.end + clocks:",
        "elif parcel.end:",
    ),
    Mutant(
        "a message that is delivered again is called again",
        WORK,
        """        parcel = self._ledger.claim(message.run_id, message.parcel, message.claim, end)
        if parcel is None:
            logs.count({"ParcelsDropped": 1})
            return
""",
        """        parcel = self._ledger.claim(message.run_id, message.parcel, message.claim, end)
        if parcel is None:
            parcel = self._ledger.parcels(message.run_id, [message.parcel])[message.parcel]
""",
    ),
    Mutant(
        "slots are used however late",
        "lambda_src/harvest/calling.py",
        "if at_ms > slot + self.pace.tolerance_ms or not watch.may_call(at_ms):",
        "if not watch.may_call(at_ms):",
    ),
    Mutant(
        "slots have no margin for jitter",
        "lambda_src/harvest/limits.py",
        "return (1000 * limit.seconds + spread_ms) / limit.calls",
        "return 1000 * limit.seconds / limit.calls",
    ),
    Mutant(
        "a grant is not fenced by the turn",
        ACCOUNTS,
        'return self._update(account, changes, values, "turn = :turn")',
        'return self._update(account, changes, values, "turn = :turn OR attribute_exists(turn)")',
    ),
    Mutant(
        "a turn begins from now, not from what was granted",
        TURN,
        "self._floor = self._granted.until  # what earlier turns granted is below",
        "self._floor = 0.0",
    ),
    Mutant(
        "a wait that the vendor asks for is told to nobody",
        "lambda_src/harvest/watch.py",
        "            self._accounts.refuse(self.account.account, until)\n",
        "            pass\n",
    ),
    Mutant(
        "a day's budget is forgotten at a turn",
        TURN,
        "Slots(means.declared, means.pacing, self._granted.used)",
        "Slots(means.declared, means.pacing, {})",
    ),
    Mutant(
        "a run is complete when nothing waits",
        "lambda_src/harvest/endings.py",
        """            if not frontier.is_done or frontier.finished:
                return False
            if not self._runs.complete(run.run_id, turn, frontier.roots, frontier.counts):
""",
        """            if frontier.waiting:
                return False
            if not self._runs.complete(run.run_id, turn, frontier.roots, run_rows.Counts()):
""",
    ),
    Mutant(
        "a group that was added in the last instant is not looked for",
        "lambda_src/harvest/run_ledger.py",
        '"turn = :turn AND roots = :roots AND #state = :running"',
        '"turn = :turn AND (roots = :roots OR attribute_exists(roots)) AND #state = :running"',
    ),
]
