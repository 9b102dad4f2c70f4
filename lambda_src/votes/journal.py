"""The journal and the standing votes, as DynamoDB keeps them.

Every read is strongly consistent and by key (or by a key range, every page of it); every write but the votes' is one item under
one condition. Votes are put with PartiQL, 25 conditional statements a request: a tenth of the CPU of single puts.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from shared import clock, dynamo
from shared.dynamo import number
from votes import fanout
from votes.entry import UnreadableEntry
from votes.standing import Change, Held, Key, Standing
from votes.versions import require_known

VERSION = 1
HEAD = 0  # the head row's number; entries are numbered from 1
KEEP_SECONDS = 30 * 86_400
WRITERS_LIVE_SECONDS = 20 * 60  # whoever began longer ago is dead: Lambda's longest timeout, and five minutes for clocks
GENERATION_BITS = 40  # entry n of generation g is g << 40 | n, so that a drained resize can number anew; today g is 0
PUTS_A_CALL, GETS_A_CALL = 25, 100
ROUNDS, FIRST_PAUSE_SECONDS = 6, 0.05
FIRST_PAGE, LARGEST_PAGE = 4, 256  # entries; pages grow, so that what is read in vain is never more than what is of use

ALREADY_PUT = {"DuplicateItem", "ConditionalCheckFailed"}
PASSING = {"ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "InternalServerError", "TransactionConflict"}

Item = dict[str, Any]


class Head(NamedTuple):
    """A shard's head row: `done` is the last entry whose votes have all been put, `shards` the number the tables were founded with."""

    done: int
    shards: int


class Entry(NamedTuple):
    """A journal entry as stored: its number, its bytes (see votes.entry), and when it was appended (µs since the epoch)."""

    n: int
    body: bytes
    appended_at: int


class Vote(NamedTuple):
    """A standing vote as stored, with the number of the entry that put it."""

    n: int
    standing: Standing


class ShardsDiffer(Exception):
    """The tables were founded with another number of shards: counting on would split a voter between two shards."""


class VotesNotPut(Exception):
    """Some votes could not be put now. The entry stands; whoever writes to the shard next finishes it."""


class Journal:
    """Journal and votes tables. `client` is a DynamoDB client."""

    def __init__(self, client: Any, journal_table: str, votes_table: str) -> None:
        self._client, self._journal, self._votes = client, journal_table, votes_table
        # The table's name is a setting, and PartiQL takes no parameter in its place.
        self._insert = f"INSERT INTO \"{votes_table}\" VALUE {{'voter_id': ?, 'title_id': ?, 'n': ?, 'v': ?, 'standing': ?}}"
        self._update = f'UPDATE "{votes_table}" SET n = ? SET v = ? SET standing = ? WHERE voter_id = ? AND title_id = ? AND n < ?'  # noqa: S608

    def head(self, shard: int) -> Head | None:
        """The shard's head row; None before its first ballot."""
        item = self._get(shard, HEAD)
        return read_head(item) if item else None

    def found(self, shard: int, shards: int) -> None:
        """Make the shard's head row, unless there is one."""
        row = {**_place(shard, HEAD), "done": number(0), "shards": number(shards), "v": number(VERSION)}
        self._put_new(row)

    def entry(self, shard: int, n: int) -> Entry | None:
        """Entry n; None when there is none, or it has expired."""
        item = self._get(shard, n)
        return read_entry(item) if item else None

    def append(self, shard: int, n: int, body: bytes, at_us: int) -> bool:
        """Append entry n; False when there is one already."""
        row = {**_place(shard, n), "entry": {"B": body}, "v": number(VERSION), "appended_at": number(at_us)}
        return self._put_new(row | {"expires": number(at_us // 1_000_000 + KEEP_SECONDS)})

    def move_head(self, shard: int, n: int) -> None:
        """Remember that the votes of entries up to n are put; does nothing where a later one is remembered."""
        try:
            self._client.update_item(
                TableName=self._journal,
                Key=_place(shard, HEAD),
                UpdateExpression="SET done = :n",
                ConditionExpression="done < :n",
                ExpressionAttributeValues={":n": number(n)},
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise

    def standing(self, keys: Sequence[Key]) -> dict[Key, Standing]:
        """The standing votes there are at these keys, which must differ."""
        chunks = [keys[place : place + GETS_A_CALL] for place in range(0, len(keys), GETS_A_CALL)]
        found = fanout.each(self._standing, chunks)
        return {key: standing for chunk in found for key, standing in chunk.items()}

    def put_votes(self, n: int, changes: Sequence[Change]) -> None:
        """Put each changed vote as entry n leaves it, unless n or a later entry has put it. Raises VotesNotPut."""
        chunks = [changes[place : place + PUTS_A_CALL] for place in range(0, len(changes), PUTS_A_CALL)]
        fanout.each(lambda chunk: self._put(n, chunk), chunks)

    def remove_votes(self, n: int, keys: Sequence[Key]) -> None:
        """Remove the rows of these votes, as entry n does, unless a later entry has put them."""
        fanout.each(lambda key: self._remove(n, key), keys)

    def votes_of(self, voter_id: str) -> dict[Key, Vote]:
        """Every standing vote of a voter."""
        asked = {"KeyConditionExpression": "voter_id = :voter", "ExpressionAttributeValues": {":voter": {"S": voter_id}}}
        items = [item for page in self._pages(self._votes, asked) for item in page]
        return {(voter_id, item["title_id"]["S"]): read_vote(item) for item in items}

    def row(self, shard: int, n: int) -> Item | None:
        """The row of entry n as the table holds it, for one that cannot be read otherwise."""
        return self._get(shard, n)

    def replace(self, shard: int, n: int, old: Item, new: Item) -> bool:
        """Set attributes of entry n's row to `new` where those of `old` are still as they were; False when they are not."""
        names = list(dict.fromkeys([*old, *new]))
        number_of = {name: place for place, name in enumerate(names)}
        try:
            self._client.update_item(
                TableName=self._journal,
                Key=_place(shard, n),
                UpdateExpression="SET " + ", ".join(f"#{number_of[name]} = :new{number_of[name]}" for name in new),
                ConditionExpression=" AND ".join(f"#{number_of[name]} = :old{number_of[name]}" for name in old),
                ExpressionAttributeNames={f"#{place}": name for name, place in number_of.items()},
                ExpressionAttributeValues={f":new{number_of[name]}": value for name, value in new.items()}
                | {f":old{number_of[name]}": value for name, value in old.items()},
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise
            return False
        return True

    def heads(self, shards: Sequence[int]) -> dict[int, Head]:
        """The head rows there are of these shards, in as few reads as they fit."""
        items = dynamo.batch_get(self._client, self._journal, [_place(shard, HEAD) for shard in shards], consistent=True)
        return {int(item["shard"]["N"]): read_head(item) for item in items}

    def entries(self, shard: int, after: int, upto: int) -> Iterator[Entry]:
        """The entries there are with after < n ≤ upto, in order; reads on as they are taken."""
        if after >= upto:
            return
        asked = {
            "KeyConditionExpression": "#shard = :shard AND #n BETWEEN :first AND :last",
            "ExpressionAttributeNames": {"#shard": "shard", "#n": "n"},
            "ExpressionAttributeValues": {":shard": number(shard), ":first": number(after + 1), ":last": number(upto)},
        }
        for page in self._pages(self._journal, asked, FIRST_PAGE):
            yield from map(read_entry, page)

    def _pages(self, table: str, asked: Item, page: int = LARGEST_PAGE) -> Iterator[list[Item]]:
        """The pages of a strongly consistent query, of `page` items and then ever more."""
        start: Item = {}
        while True:
            answer = self._client.query(TableName=table, ConsistentRead=True, Limit=page, **asked, **start)
            yield answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
            page = min(2 * page, LARGEST_PAGE)

    def _get(self, shard: int, n: int) -> Item | None:
        answer = self._client.get_item(TableName=self._journal, Key=_place(shard, n), ConsistentRead=True)
        item: Item | None = answer.get("Item")
        return item

    def _put_new(self, row: Item) -> bool:
        try:
            self._client.put_item(
                TableName=self._journal, Item=row, ConditionExpression="attribute_not_exists(#n)", ExpressionAttributeNames={"#n": "n"}
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise
            return False
        return True

    def _standing(self, keys: Sequence[Key]) -> dict[Key, Standing]:
        wanted = [{"voter_id": {"S": voter_id}, "title_id": {"S": title_id}} for voter_id, title_id in keys]
        items = dynamo.batch_get(self._client, self._votes, wanted, consistent=True)
        return {(item["voter_id"]["S"], item["title_id"]["S"]): read_vote(item).standing for item in items}

    def _remove(self, n: int, key: Key) -> None:
        try:
            self._client.delete_item(
                TableName=self._votes,
                Key={"voter_id": {"S": key[0]}, "title_id": {"S": key[1]}},
                ConditionExpression="#n < :n",
                ExpressionAttributeNames={"#n": "n"},
                ExpressionAttributeValues={":n": number(n)},
            )
        except ClientError as error:
            if not dynamo.is_refused(error):
                raise

    def _put(self, n: int, changes: Sequence[Change]) -> None:
        waiting = [(change, change.before is None) for change in changes]
        for turn in range(ROUNDS):
            if turn:
                clock.sleep(FIRST_PAUSE_SECONDS * 2 ** (turn - 1) * random.uniform(0.5, 1))  # noqa: S311 - jitter
            statements = [self._statement(n, change, new) for change, new in waiting]
            answers = self._client.batch_execute_statement(Statements=statements)["Responses"]
            errors = [answer.get("Error", {}).get("Code") for answer in answers]
            lasting = {code for code in errors if code and code not in ALREADY_PUT | PASSING}
            if lasting or len(errors) != len(statements):
                raise VotesNotPut(f"votes of entry {n} were refused: {', '.join(sorted(lasting)) or 'answers are missing'}")
            # A vote that was new may be there by an entry that was mended away: then this one, which is later, must replace it.
            waiting = [
                (change, new and code in PASSING)
                for (change, new), code in zip(waiting, errors, strict=True)
                if code in PASSING or code == "DuplicateItem"
            ]
            if not waiting:
                return
        raise VotesNotPut(f"{len(waiting)} votes of entry {n} were throttled {ROUNDS} times")

    def _statement(self, n: int, change: Change, new: bool) -> dict[str, Any]:
        row = [number(n), number(VERSION), {"M": {aspect: _held(held) for aspect, held in change.after.items()}}]
        key = [{"S": change.voter_id}, {"S": change.title_id}]
        if new:
            return {"Statement": self._insert, "Parameters": key + row}
        return {"Statement": self._update, "Parameters": [*row, *key, number(n)]}


def read_head(item: Item) -> Head:
    """A head row's item, as a Head. Raises NewerVersion."""
    _known(item, "head row")
    return Head(int(item["done"]["N"]), int(item["shards"]["N"]))


def read_entry(item: Item) -> Entry:
    """An entry row's item, as an Entry. Raises NewerVersion, UnreadableEntry."""
    place = f"the row of entry {item['n']['N']} of shard {item['shard']['N']}"
    try:
        _known(item, "journal entry")
        body: bytes = item["entry"]["B"]
        return Entry(int(item["n"]["N"]), body, int(item["appended_at"]["N"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEntry(f"{place} is not whole: {type(error).__name__}: {error}") from error


def read_vote(item: Item) -> Vote:
    """A vote row's item, as a Vote. Raises NewerVersion."""
    _known(item, "vote")
    standing = {
        aspect: Held(int(held["score"]["N"]) if "N" in held["score"] else None, int(held["cast_at"]["N"]), held["ballot_id"]["S"])
        for aspect, held in ((aspect, value["M"]) for aspect, value in item["standing"]["M"].items())
    }
    return Vote(int(item["n"]["N"]), standing)


def _known(item: Mapping[str, Any], what: str) -> None:
    require_known(f"a {what}", int(item["v"]["N"]), VERSION)


def _place(shard: int, n: int) -> Item:
    return {"shard": number(shard), "n": number(n)}


def _held(held: Held) -> dict[str, Any]:
    score = {"NULL": True} if held.score is None else number(held.score)
    return {"M": {"score": score, "cast_at": number(held.cast_at), "ballot_id": {"S": held.ballot_id}}}
