"""Mutants of how facts come into the database: lanes, their pace, settle, review, sweep."""

from tools.simulation.mutants.mutant import Mutant

CREDENTIALS = "lambda_src/receipts/delivery/credentials.py"
DELIVER = "lambda_src/receipts/deliver.py"
DELIVERIES = "lambda_src/receipts/deliveries.py"
HALVING = "lambda_src/receipts/delivery/halving.py"
LANE = "lambda_src/receipts/delivery/lane.py"
WORK = "lambda_src/receipts/delivery/work.py"

MUTANTS = [
    Mutant(
        "pointer deleted before its commit",
        LANE,
        "        landed = Landed()\n        rows = [row",
        "        landed = Landed()\n        self._inbox.done([work.record for work in works])\n        rows = [row",
    ),
    Mutant(
        "pointer deleted before anybody is told",
        LANE,
        "        unsent = self._inbox.tell([outcome for _, outcome in told])\n",
        "        self._inbox.done([work.record for work, some in said if some])\n"
        "        unsent = self._inbox.tell([outcome for _, outcome in told])\n",
    ),
    Mutant(
        "outcome that was not sent taken for told",
        LANE,
        "        untold = {id(told[index][0]) for index in unsent}\n",
        "        untold = {id(told[index][0]) for index in unsent if index < 0}\n",
        "tests/lambda_src/receipts/delivery/test_delivery_lane.py -k told_before_it_is_forgotten",
    ),
    Mutant(
        "received before the database has answered",
        LANE,
        "                database.ping()\n                ended",
        "                ended",
    ),
    Mutant(
        "two connections a lane",
        LANE,
        "            with closing(self._connect()) as connection:\n",
        "            with closing(self._connect()), closing(self._connect()) as connection:\n",
    ),
    Mutant(
        "connection left open",
        LANE,
        "            with closing(self._connect()) as connection:\n",
        "            if connection := self._connect():\n",
    ),
    Mutant(
        "no ON CONFLICT",
        "lambda_src/receipts/delivery/postgres.py",
        "ON CONFLICT DO NOTHING ",
        "",
        "tests/lambda_src/receipts/delivery/test_database_contract.py",
    ),
    Mutant(
        "tick deleted when the database is away",
        DELIVER,
        "            return False\n        if ended.why == lane.TIME",
        "            return True\n        if ended.why == lane.TIME",
    ),
    Mutant(
        "tick not put off",
        DELIVER,
        "        for record in failed + kept:\n",
        "        for record in failed[:0]:\n",
        "tests/lambda_src/receipts/delivery/test_delivery_lane.py -k once_a_minute",
    ),
    Mutant("old ticks tried", DELIVER, "STALE_SECONDS = 90", "STALE_SECONDS = 90_000"),
    Mutant(
        "secret read once",
        CREDENTIALS,
        '            text = self._client.get_secret_value(SecretId=self._arn)["SecretString"]\n',
        "            held = vars(self)\n"
        "            text = held.get('text') or self._client.get_secret_value(SecretId=self._arn)['SecretString']\n"
        "            held['text'] = text\n",
    ),
    Mutant(
        "halving drops a good row",
        HALVING,
        "            waiting += [some[half:], some[:half]]\n",
        "            waiting += [some[half:]]\n",
        "tests/lambda_src/receipts/delivery/test_delivery_refused.py",
    ),
    Mutant(
        "rows that were not tried taken for done",
        WORK,
        "    if keys - landed.standing - landed.refused.keys():\n        return []\n",
        "",
        "tests/lambda_src/receipts/delivery/test_delivery_lane.py",
    ),
    Mutant(
        "pace that never rests",
        "lambda_src/receipts/delivery/paced.py",
        "            left = self._free_at - clock.monotonic()\n",
        "            left = 0.0\n",
    ),
    Mutant(
        "correction sent as what was read",
        "lambda_src/receipts/delivery/facts.py",
        "receipt.index, revision),",
        "receipt.index, 0),",
    ),
    Mutant(
        "correction put over another",
        "lambda_src/receipts/facts_kept.py",
        '                IfNoneMatch="*",\n',
        "",
    ),
    Mutant(
        "refusal without a line",
        "lambda_src/receipts/settle.py",
        "        self._store.put(refused.reason, row.received_at, [line])\n",
        "",
    ),
    Mutant(
        "sweep that forgets deliveries",
        "lambda_src/receipts/sweep.py",
        "if self._pointers.send([fact for row in files for fact in waiting_facts(row)]):",
        "if self._pointers.send([fact for row in files[:0] for fact in waiting_facts(row)]):",
    ),
    Mutant(
        "sweep that fills a queue which holds pointers",
        "lambda_src/receipts/sweep.py",
        "return now if sum(int(found[name]) for name in asked) < FEW else now - PATIENT_US",
        "return now if found else now - PATIENT_US",
        "tests/lambda_src/receipts/test_receipts_sweep_facts.py -k outage",
    ),
    Mutant(
        "answer as old as its telling",
        WORK,
        '{"at": work.counted_at}',
        '{"at": at}',
        "tests/lambda_src/receipts/delivery/test_delivery_lane_found.py",
    ),
]
