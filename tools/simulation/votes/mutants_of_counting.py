"""Mutants of what counts: journal, votes, tallies."""

from tools.simulation.mutants.mutant import Mutant

COUNTING = "lambda_src/votes/counting.py"
FOLDING = "lambda_src/votes/folding.py"
JOURNAL = "lambda_src/votes/journal.py"
STANDING = "lambda_src/votes/standing.py"
TALLIES = "lambda_src/votes/tallies.py"

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
        "        self._finish(shard, last.n, changes, content.removed)\n"
        "        outcome.finished += 1\n"
        "        return None\n",
        "        outcome.finished += len(changes) * 0\n        return last.n\n",
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
        "        self._store.put_votes(n, changes)\n        self._store.move_head(shard, n)\n",
        "        self._store.move_head(shard, n)\n        self._store.put_votes(n, changes)\n",
    ),
    Mutant("votes put unconditionally", JOURNAL, "[*row, *key, number(n)]", "[*row, *key, number(n + (1 << 40))]"),
    Mutant(
        "throttled statements dropped",
        JOURNAL,
        'if code in PASSING or code == "DuplicateItem"',
        'if code == "DuplicateItem"',
    ),
    Mutant(
        "last entry by query",
        COUNTING,
        "        last = self._store.entry(shard, head.done + 1)\n"
        "        if last is None:\n"
        "            return head.done\n",
        "        numbers = [e.n for e in self._store.entries(shard, 0, 1 << 40)]  # type: ignore[attr-defined]\n"
        "        last = self._store.entry(shard, head.done + 1)\n"
        "        if last is None:\n"
        "            return max(numbers, default=0)\n",
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
        "            again = self._read(fold, heads, Room(self._epoch_changes, 10**9, self._now_us() + within_us))",
    ),
    Mutant(
        "two epochs open at once",
        TALLIES,
        '"epoch = :last AND attribute_not_exists(#open)"',
        '"epoch = :last OR attribute_not_exists(#open)"',
    ),
    Mutant(
        "an epoch closed by whoever comes",
        TALLIES,
        '            ConditionExpression="#open.epoch = :epoch",\n',
        "",
    ),
    Mutant(
        "fold past the head",
        FOLDING,
        "done = {shard: heads[shard].done if shard in heads else 0 for shard in turned}",
        "done = {shard: heads[shard].done + 1 if shard in heads else 0 for shard in turned}",
    ),
]
