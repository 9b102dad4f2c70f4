"""Mutants of what counts: journal, votes, tallies."""

from tools.simulation.mutants.mutant import Mutant

COUNTING = "lambda_src/votes/counting.py"
FOLDING = "lambda_src/votes/folding.py"
LAST_ENTRY = "lambda_src/votes/last_entry.py"
READING = "lambda_src/votes/reading.py"
JOURNAL = "lambda_src/votes/journal.py"
STANDING = "lambda_src/votes/standing.py"
TALLIES = "lambda_src/votes/tallies.py"
ROWS = "lambda_src/votes/rows.py"
PACKING = "lambda_src/votes/packing.py"
ASPECTS = "lambda_src/votes/aspects.py"
PACKING_TESTS = "tests/lambda_src/votes/counting/test_packing.py"
RESULTS = "lambda_src/votes/results.py"
VIEW = "lambda_src/votes/view.py"
VIEW_TESTS = "tests/lambda_src/votes/counting/test_view.py"
VIEWS = "tests/lambda_src/votes/counting/test_view_readers.py"
SAME = 'AND {same}"'  # on condition that the view is the one that was read
ANY = '" OR epoch = :last AND attribute_not_exists(#open)"'

MUTANTS = [
    Mutant(
        "append unconditional",
        JOURNAL,
        'return self._put_new(row | {"expires": number(at_us // 1_000_000 + KEEP_SECONDS)})',
        "self._client.put_item(TableName=self._journal, Item=row)\n        return True",
    ),
    Mutant(
        "unfinished entry skipped",
        COUNTING,
        "        self._finish(last.n, left)\n",
        "",
    ),
    Mutant(
        "votes put before the append",
        COUNTING,
        "            done += 1\n            if not self._store.append(",
        "            done += 1\n            self._store.put_votes(done, part)\n            if not self._store.append(",
    ),
    Mutant(
        "head moved before the votes are put",
        COUNTING,
        "            self._finish(done, content)\n            self._record(shard, done, content)\n",
        "            self._record(shard, done, content)\n            self._finish(done, content)\n",
    ),
    Mutant("votes put unconditionally", JOURNAL, "[*row, *key, row[0]]", "[*row, *key, number(1 << 60)]"),
    Mutant("a row in full read as a packed one", ROWS, 'if "B" in held:', "if True:"),
    Mutant("a packed row read as one in full", ROWS, 'if "B" in held:', "if False:"),
    Mutant(
        "a packed vote with one stamp for all its aspects",
        PACKING,
        "groups.setdefault((cast_at, ballot_id), {})",
        "groups.setdefault(max([one[1:] for one in standing.values()]), {})",
    ),
    Mutant(
        "a withdrawn score packed as none",
        PACKING,
        "cells[numbers[aspect]] = 0 if score is None else",
        "if score is None:\n            continue\n        cells[numbers[aspect]] =",
    ),
    Mutant(
        "an aspect's number used that was refused",
        ASPECTS,
        "                refused = self._put(self._times + 1, _value(names), not self._times)\n",
        "                self._put(self._times + 1, _value(names), not self._times)\n"
        "                return {name: number for number, name in enumerate(names)}\n",
        PACKING_TESTS,
    ),
    Mutant(
        "an aspect's number given twice",
        ASPECTS,
        "self._put(self._times + 1, _value(names), not self._times)",
        "self._put(self._times + len(names), _value(names), not self._times)",
        PACKING_TESTS,
    ),
    Mutant("aspects numbered by their names", ASPECTS, "names = [*self._names, *missing]", "names = sorted(wanted)"),
    Mutant(
        "throttled statements dropped",
        JOURNAL,
        'if code in PASSING or code == "DuplicateItem"',
        'if code == "DuplicateItem"',
    ),
    Mutant(
        "last entry by query",
        COUNTING,
        "        if last is None:\n            return head.done\n",
        "        if last is None:\n"
        "            return max([found.n for found in self._store.entries(shard, 0)], default=0)\n",
    ),
    Mutant(
        "eventual read of the journal",
        JOURNAL,
        "Key=key, ConsistentRead=True)",
        "Key=key, ConsistentRead=False)",
        # no count goes wrong by it: the append's condition is always strong
        "tests/lambda_src/votes/counting/test_service_calls.py",
    ),
    Mutant("eventual read of standing votes", JOURNAL, "wanted, consistent=True)", "wanted, consistent=False)"),
    Mutant(
        "second page of the journal dropped",
        JOURNAL,
        '            if "LastEvaluatedKey" not in answer:\n                return\n',
        "            return\n",
        # folds take what they read, so no count goes wrong: shards stop for nothing
        "tests/lambda_src/votes/counting/test_stores.py",
    ),
    Mutant(
        "a ballot that comes twice is counted twice",
        STANDING,
        "if latest is None or (cast_at, ballot_id) > (latest.cast_at, latest.ballot_id):",
        "if latest is None or (cast_at, ballot_id) >= (latest.cast_at, latest.ballot_id):",
        "tests/lambda_src/votes/counting",
    ),
    Mutant(
        "stamp compared by time alone",
        STANDING,
        "(cast_at, ballot_id) > (latest.cast_at, latest.ballot_id)",
        "cast_at > latest.cast_at",
    ),
    Mutant(
        "the last to arrive wins",
        STANDING,
        "(cast_at, ballot_id) > (latest.cast_at, latest.ballot_id)",
        "ballot_id != latest.ballot_id",
    ),
    Mutant("aspects replaced instead of merged", STANDING, "merged = dict(standing or ())", "merged = {}"),
    Mutant(
        "tally without its epoch",
        TALLIES,
        '            ConditionExpression="attribute_not_exists(epoch) OR epoch < :epoch",\n',
        "",
    ),
    Mutant(
        "epoch range not fixed",
        FOLDING,
        "again = self._read_again(fold, fold.open)",
        "heads = self._journal.heads(range(self._shards))\n"
        "            room = Room(self._epoch_changes, 10**9, self._now_us() + within_us)\n"
        "            again = self._reading.new(fold, heads, room)",
    ),
    Mutant(
        "two epochs open at once",
        TALLIES,
        'f"epoch = :last AND attribute_not_exists(#open) AND {same}"',
        'f"epoch = :last OR attribute_not_exists(#open)"',
    ),
    Mutant(
        "an epoch closed by whoever comes",
        TALLIES,
        '            ConditionExpression="#open.epoch = :epoch",\n',
        "",
    ),
    Mutant("a fold ends before what was seen", TALLIES, SAME, f'{SAME} + ({ANY} if name == "#open" else "")', VIEWS),
    Mutant("a fold without room for what was seen", READING, "if expected > span.seen and not", "if not", VIEW_TESTS),
    Mutant(
        "results read the row before the view",
        RESULTS,
        "        fold = self._last_fold()  # before the tally, which is then at least as new\n"
        "        row = self._item(self._config.tallies_table, title_id, consistent=True)\n",
        "        row = self._item(self._config.tallies_table, title_id, consistent=True)\n"
        "        fold = self._last_fold()\n",
        VIEWS,
    ),
    Mutant("the view's part beside a later row", VIEW, " if epoch <= self.base else {}", "", VIEWS),
    Mutant("a view over a later one", TALLIES, SAME, f'{SAME} + ({ANY} if name == "#view" else "")', VIEWS),
    Mutant("a view of a closed epoch kept", TALLIES, "and mark[0] == epoch else None", "else None", VIEW_TESTS),
    Mutant(
        "last entry not verified by the fold",
        READING,
        "        if held is not None and self._is_finished(shard, held):\n",
        "        if held is not None:\n",
    ),
    Mutant(
        "a vote taken for put because there is one",
        LAST_ENTRY,
        "[change for change in changes if put_by.get(change.key, 0) < n]",
        "[change for change in changes if change.key not in put_by]",
    ),
    Mutant(
        "heads never moved by write",
        LAST_ENTRY,
        "    return n - recorded >= HEAD_EVERY or not is_verifiable(content)\n",
        "    return n < recorded\n",
    ),
    Mutant(
        "a head moved one entry too late",
        LAST_ENTRY,
        "n - recorded >= HEAD_EVERY or",
        "n - recorded > HEAD_EVERY or",
    ),
    Mutant(
        "an entry too large to verify that no head tells of",
        LAST_ENTRY,
        "n - recorded >= HEAD_EVERY or not is_verifiable(content)",
        "n - recorded >= HEAD_EVERY",
        # the schedule reads the votes of such an entry too, so it is counted, minutes later
        "tests/lambda_src/votes/counting/test_counting.py",
    ),
    Mutant(
        "heads not moved by the schedule",
        FOLDING,
        "        if last.n - unfinished > head.done:\n",
        "        if last.n < head.done:\n",
    ),
    Mutant(
        "heads moved by the schedule past an unfinished entry",
        FOLDING,
        "self._journal.move_head(shard, last.n - unfinished)",
        "self._journal.move_head(shard, last.n)",
        # seldom in histories: nobody has come by when the schedule does
        "tests/lambda_src/votes/counting/test_past_heads.py",
    ),
    Mutant(
        "an entry that vanished past the head numbered again",
        LAST_ENTRY,
        "        if stored.n != n:\n            raise entry",
        "        if stored.n != n:\n            break\n            raise entry",
        # no history loses a row that has not expired
        "tests/lambda_src/votes/counting/test_counting.py",
    ),
]
