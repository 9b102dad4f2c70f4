"""The journal and the standing votes, as DynamoDB keeps them.

Every read is strongly consistent and by key (or by a key range, every page of it); every write but
the votes' is one item under one condition. Votes are put with PartiQL, 25 conditional statements a
request: a tenth of the CPU of single puts.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from shared import backoff, clock, dynamo, fanout
from shared.dynamo import number
from votes import aspects, rows
from votes.aspects import Aspects
from votes.rows import Entry, Head, Item, Vote, read_entry, read_head, read_put_by, read_vote
from votes.standing import Change, Key, Standing

HEAD = 0  # the head row's number; entries are numbered from 1
KEEP_SECONDS = 30 * 86_400
# Whoever began longer ago is dead: Lambda's longest timeout, and five minutes for clocks.
WRITERS_LIVE_SECONDS = 20 * 60
# entry n of generation g is g << 40 | n, so that a drained resize can number anew; today g is 0
GENERATION_BITS = 40
LAST_OF_GENERATION = (1 << GENERATION_BITS) - 1
PUTS_A_CALL, GETS_A_CALL = 25, 100
ROUNDS, FIRST_PAUSE_SECONDS = 6, 0.05
# in entries; pages grow, so that what is read in vain is never more than what is of use
FIRST_PAGE, LARGEST_PAGE = 4, 256

ALREADY_PUT = {"DuplicateItem", "ConditionalCheckFailed"}
PASSING = {
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "InternalServerError",
    "TransactionConflict",
}


class ShardsDiffer(Exception):
    """The tables were founded with another number of shards.

    Counting on would split a voter between two of them.
    """


class VotesNotPut(Exception):
    """Some votes could not be put now.

    The entry stands; whoever writes to the shard next finishes it.
    """


class Journal:
    """Journal and votes tables, of a DynamoDB client. Votes are put `packed`, or in full."""

    def __init__(
        self, client: Any, journal_table: str, votes_table: str, *, packed: bool = False
    ) -> None:
        self._client, self._journal, self._votes = client, journal_table, votes_table
        self._packed = packed
        self._aspects = Aspects(
            lambda: self._votes_at([aspects.KEY]).get(aspects.KEY), self._put_aspects
        )
        # The table's name is a setting, and PartiQL takes no parameter in its place.
        self._insert = (
            f'INSERT INTO "{votes_table}" VALUE '
            "{'voter_id': ?, 'title_id': ?, 'n': ?, 'v': ?, 'standing': ?}"
        )
        self._update = (
            f'UPDATE "{votes_table}" SET n = ? SET v = ? SET standing = ? '  # noqa: S608
            "WHERE voter_id = ? AND title_id = ? AND n < ?"
        )

    def head(self, shard: int) -> Head | None:
        """The shard's head row; None before its first ballot."""
        item = self._get(shard, HEAD)
        return read_head(item) if item else None

    def create_head(self, shard: int, shards: int) -> None:
        """Create the shard's head row, unless there is one."""
        row = {
            **_key(shard, HEAD),
            "done": number(0),
            "shards": number(shards),
            "v": number(rows.PLAIN_VERSION),
        }
        self._put_new(row)

    def entry(self, shard: int, n: int) -> Entry | None:
        """Entry n; None when there is none, or it has expired."""
        item = self._get(shard, n)
        return read_entry(item) if item else None

    def append(self, shard: int, n: int, body: bytes, at_us: int) -> bool:
        """Append entry n; False when there is one already."""
        row = {
            **_key(shard, n),
            "entry": {"B": body},
            "v": number(rows.PLAIN_VERSION),
            "appended_at": number(at_us),
        }
        return self._put_new(row | {"expires": number(at_us // 1_000_000 + KEEP_SECONDS)})

    def move_head(self, shard: int, n: int) -> None:
        """Remember that the votes of entries up to n are put, unless a later one is remembered."""
        dynamo.unless_refused(
            self._client.update_item,
            TableName=self._journal,
            Key=_key(shard, HEAD),
            UpdateExpression="SET done = :n",
            ConditionExpression="done < :n",
            ExpressionAttributeValues={":n": number(n)},
        )

    def standing(self, keys: Sequence[Key]) -> dict[Key, Standing]:
        """The standing votes there are at these keys, which must differ."""
        found = self._votes_at(keys).items()
        return {key: read_vote(item, self._aspects.name_of).standing for key, item in found}

    def put_by(self, keys: Sequence[Key]) -> dict[Key, int]:
        """By which entry each vote there is at these keys was put; the keys must differ."""
        return {key: read_put_by(item) for key, item in self._votes_at(keys).items()}

    def put_votes(self, n: int, changes: Sequence[Change]) -> None:
        """Put each changed vote as entry n leaves it, unless n or a later entry has put it.

        Raises VotesNotPut.
        """
        numbers = None
        if self._packed:
            numbers = self._aspects.numbers_of(chain.from_iterable(one.after for one in changes))
        starts = range(0, len(changes), PUTS_A_CALL)
        chunks = [changes[start : start + PUTS_A_CALL] for start in starts]
        fanout.each(lambda chunk: self._put(n, chunk, numbers), chunks)

    def remove_votes(self, n: int, keys: Sequence[Key]) -> None:
        """Remove the rows of these votes, as entry n does, unless a later entry has put them."""
        fanout.each(lambda key: self._remove(n, key), keys)

    def votes_of(self, voter_id: str) -> dict[Key, Vote]:
        """Every standing vote of a voter."""
        asked = {
            "KeyConditionExpression": "voter_id = :voter",
            "ExpressionAttributeValues": {":voter": {"S": voter_id}},
        }
        items = chain.from_iterable(self._pages(self._votes, asked))
        name_of = self._aspects.name_of
        return {(voter_id, item["title_id"]["S"]): read_vote(item, name_of) for item in items}

    def row(self, shard: int, n: int) -> Item | None:
        """The row of entry n as the table holds it, for one that cannot be read otherwise."""
        return self._get(shard, n)

    def replace(self, shard: int, n: int, old: Item, new: Item) -> bool:
        """Set attributes of entry n's row to `new` where those of `old` are still as they were.

        False when they are not.
        """
        names = list(dict.fromkeys([*old, *new]))
        index_of = {name: index for index, name in enumerate(names)}
        sets = [f"#{index_of[name]} = :new{index_of[name]}" for name in new]
        conditions = [f"#{index_of[name]} = :old{index_of[name]}" for name in old]
        new_values = {f":new{index_of[name]}": value for name, value in new.items()}
        old_values = {f":old{index_of[name]}": value for name, value in old.items()}
        return dynamo.unless_refused(
            self._client.update_item,
            TableName=self._journal,
            Key=_key(shard, n),
            UpdateExpression="SET " + ", ".join(sets),
            ConditionExpression=" AND ".join(conditions),
            ExpressionAttributeNames={f"#{index}": name for name, index in index_of.items()},
            ExpressionAttributeValues=new_values | old_values,
        )

    def heads(self, shards: Sequence[int]) -> dict[int, Head]:
        """The head rows there are of these shards, in as few reads as they fit."""
        keys = [_key(shard, HEAD) for shard in shards]
        items = dynamo.batch_get(self._client, self._journal, keys, consistent=True)
        return {int(item["shard"]["N"]): read_head(item) for item in items}

    def entries(self, shard: int, after: int, upto: int | None = None) -> Iterator[Entry]:
        """The entries there are with after < n ≤ upto, in order; reads on as they are taken.

        `upto` None: to the last one of the generation.
        """
        if upto is None:
            upto = after | LAST_OF_GENERATION
        if after >= upto:
            return
        asked = {
            "KeyConditionExpression": "#shard = :shard AND #n BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#shard": "shard", "#n": "n"},
            "ExpressionAttributeValues": {
                ":shard": number(shard),
                ":first": number(after + 1),
                ":last": number(upto),
            },
        }
        for page in self._pages(self._journal, asked, FIRST_PAGE):
            yield from map(read_entry, page)

    def _pages(self, table: str, asked: Item, page: int = LARGEST_PAGE) -> Iterator[list[Item]]:
        """The pages of a strongly consistent query, of `page` items and then ever more."""
        start: Item = {}
        while True:
            answer = self._client.query(
                TableName=table, ConsistentRead=True, Limit=page, **asked, **start
            )
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
            page = min(2 * page, LARGEST_PAGE)

    def _get(self, shard: int, n: int) -> Item | None:
        key = _key(shard, n)
        answer = self._client.get_item(TableName=self._journal, Key=key, ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _put_new(self, row: Item) -> bool:
        return dynamo.unless_refused(
            self._client.put_item,
            TableName=self._journal,
            Item=row,
            ConditionExpression="attribute_not_exists(#n)",
            ExpressionAttributeNames={"#n": "n"},
        )

    def _votes_at(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The rows of votes there are at these keys."""
        chunks = [keys[start : start + GETS_A_CALL] for start in range(0, len(keys), GETS_A_CALL)]
        found: dict[Key, Item] = {}
        for chunk in fanout.each(self._chunk_at, chunks):
            found |= chunk
        return found

    def _chunk_at(self, keys: Sequence[Key]) -> dict[Key, Item]:
        wanted = [
            {"voter_id": {"S": voter_id}, "title_id": {"S": title_id}}
            for voter_id, title_id in keys
        ]
        items = dynamo.batch_get(self._client, self._votes, wanted, consistent=True)
        return {(item["voter_id"]["S"], item["title_id"]["S"]): item for item in items}

    def _remove(self, n: int, key: Key) -> None:
        dynamo.unless_refused(
            self._client.delete_item,
            TableName=self._votes,
            Key={"voter_id": {"S": key[0]}, "title_id": {"S": key[1]}},
            ConditionExpression="#n < :n",
            ExpressionAttributeNames={"#n": "n"},
            ExpressionAttributeValues={":n": number(n)},
        )

    def _put_aspects(self, times: int, value: Item, new: bool) -> str | None:
        row = [number(times), number(aspects.VERSION), value]
        statements = [self._statement(aspects.KEY, row, new)]
        (answer,) = self._client.batch_execute_statement(Statements=statements)["Responses"]
        code: str | None = answer.get("Error", {}).get("Code")
        return code

    def _put(self, n: int, changes: Sequence[Change], numbers: Mapping[str, int] | None) -> None:
        waiting = [(change, change.before is None) for change in changes]
        for turn in range(ROUNDS):
            if turn:
                clock.sleep(backoff.pause_seconds(turn, FIRST_PAUSE_SECONDS))
            statements = [
                self._statement(change.key, rows.put_of(n, change.after, numbers), new)
                for change, new in waiting
            ]
            answers = self._client.batch_execute_statement(Statements=statements)["Responses"]
            errors = [answer.get("Error", {}).get("Code") for answer in answers]
            lasting = {code for code in errors if code and code not in ALREADY_PUT | PASSING}
            if lasting or len(errors) != len(statements):
                why = ", ".join(sorted(lasting)) or "answers are missing"
                raise VotesNotPut(f"votes of entry {n} were refused: {why}")
            # A vote that was new may be there by an entry that was mended away: then this one,
            # which is later, must replace it.
            waiting = [
                (change, new and code in PASSING)
                for (change, new), code in zip(waiting, errors, strict=True)
                if code in PASSING or code == "DuplicateItem"
            ]
            if not waiting:
                return
        raise VotesNotPut(f"{len(waiting)} votes of entry {n} were throttled {ROUNDS} times")

    def _statement(self, at: Key, row: list[Item], new: bool) -> dict[str, Any]:
        """Put a row of votes, unless it was put by its first value, which is n, or a later one."""
        key = [{"S": at[0]}, {"S": at[1]}]
        if new:
            return {"Statement": self._insert, "Parameters": key + row}
        return {"Statement": self._update, "Parameters": [*row, *key, row[0]]}


def _key(shard: int, n: int) -> Item:
    return {"shard": number(shard), "n": number(n)}
