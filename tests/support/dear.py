"""What a stranger's input costs each function, beside a good one of 500 ballots: CPU and memory of
a process of its own for each.

    python -m tests.support.dear

prints {function: {input: [times the good one's CPU, MiB more than it]}}.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from shared import clock, logs, settings, strict_json
from shared.quarantine import Quarantine
from tests.lambda_src.fakes import S3, DynamoDB, Sqs
from tests.lambda_src.stack import NOW_US, Context, record, request
from tests.support.witnessing import witnessing
from tools.simulation.votes.deployed import ENVIRONMENTS
from votes import messages
from votes import settings as models
from votes.catalogue import LookUp
from votes.counting import Outcome
from votes.folding import Progress
from votes.process import Process
from votes.receive import Receive
from votes.results import Results
from votes.shards import shard_of
from votes.tally import Tally
from votes.write import Write

MIB = 1_048_576
SHARDS = 4
GOOD_TIMES, TIMES, ROUNDS = 10, 4, 5
DEAR = 8.0  # times the good one: worth another look
Json = dict[str, Any]
Works = dict[str, Callable[[], Any]]


def filled(opening: str, item: Callable[[int], str], closing: str, most: int) -> str:
    """A text of at most `most` items, and of a mebibyte."""
    items, size = [], len(opening) + len(closing)
    for number in range(most):
        size += len(made := item(number)) + 1
        if size > MIB:
            break
        items.append(made)
    return opening + ",".join(items) + closing


def good(number: int, **changes: Any) -> Json:
    """A good ballot."""
    return {
        "voter_id": f"voter-{number}",
        "title_id": f"title-{number % 50}",
        "votes": {"story": 5, "acting": 4, "music": None},
        "ballot_id": f"ballot-{number}",
        "cast_at": "2026-11-21T07:59:00Z",
    } | changes


def texts(most_values: int) -> dict[str, str]:
    """Texts that cost much, each of a mebibyte or just below what is parsed at all."""
    ballot = '{"voter_id":"v","title_id":"t","votes":{'
    found: dict[str, str] = {}
    for most, how in ((MIB, "a mebibyte of"), (most_values - 100, "just so many")):
        found |= {
            f"{how} wrong keys": filled("{", lambda n: f'"{n:x}":1', "}", most),
            f"{how} wrong aspects": filled(ballot, lambda n: f'"{n:x}":1', "}}", most),
            f"{how} times one key": filled("{", lambda _: '"a":1', "}", most),
            f"{how} NaN": filled('{"votes":[', lambda _: "NaN", "]}", most),
            f"{how} empty lists": filled('{"votes":[', lambda _: "[]", "]}", most),
            f"{how} empty objects": filled('{"votes":[', lambda _: "{}", "]}", most),
            f"{how} objects": filled('{"votes":[', lambda n: f'{{"{n:x}":1}}', "]}", most // 2),
            f"{how} fractions": filled('{"votes":[', lambda _: "1.5", "]}", most),
            f"{how} long whole numbers": filled('{"votes":[', lambda _: "9" * 4_300, "]}", most),
            f"{how} long fractions": filled('{"votes":[', lambda _: "1." + "9" * 4_300, "]}", most),
            f"{how} brackets": "[" * min(most, MIB),
        }
    digits = MIB - 200
    return found | {
        "a whole number of a mebibyte": f'{{"votes":{"9" * digits}}}',
        "a fraction of a mebibyte": f'{{"votes":1.{"9" * digits}}}',
        "a small fraction of a mebibyte": f'{{"votes":0.{"0" * digits}1}}',
        "a name of a mebibyte": json.dumps(good(1, voter_id="x" * digits)),
        "escapes of a mebibyte": f'{{"voter_id":"{chr(92)}u0041{(digits // 6) * (chr(92) + "u00e9")}"}}',
        "a time of a mebibyte": json.dumps(good(1, cast_at="2026-11-21T07:59:00." + "9" * digits + "Z")),
        "a key of a mebibyte": f'{{"{"k" * digits}":1}}',
        "blanks of a mebibyte": " " * MIB,
    }


def wrong_ballots(number: int) -> dict[str, str]:
    """Texts of so many ballots, each as wrong as it can be."""
    many = {f"k{key}": key for key in range(90)}
    each: dict[str, Any] = {
        "nothing in each": {},
        "all wrong in each": {name: [] for name in good(1)} | {"votes": {"plot": 9, "story": "x"}},
        "80 wrong keys in each": dict(list(many.items())[:80]) | good(1),
        "80 wrong aspects in each": good(1, votes=dict(list(many.items())[:80])),
        "a bad score in each": good(1, votes={"story": 6, "acting": 7, "visuals": 8, "music": 9, "overall": 10}),
    }
    return {f"{number} ballots, {name}": json.dumps({"ballots": [one] * number})[:MIB] for name, one in each.items()}


def wrong_rows(number: int) -> dict[str, str]:
    """Count messages of so many rows, each wrong."""
    most = messages.MOST_VALUES - 100
    keys = {f"k{key:x}": 1 for key in range(most)}
    some = dict(list(keys.items())[:20])
    rows: dict[str, list[Any]] = {
        "rows of nothing": [[]] * number,
        "rows of wrong aspects": [["v", "t", some, "b", 1]] * number,
        "rows all wrong": [[[], [], {"plot": 9, "story": "x"}, [], []]] * number,
        "one row of many aspects": [["v", "t", keys, "b", 1]],
        "many rows of nothing and one of many aspects": [[]] * 900
        + [["v", "t", dict(list(keys.items())[:9_000]), "b", 1]],
        "one row of many values": [[1] * most],
        "too many rows": [[]] * (most // 2),
        "rows of another shard": [[f"v{n}", "t", {"story": 1}, "b", 1] for n in range(number)],
        "rows of the year 2255": [[f"v{n}", "t", {"story": 1}, "b", 2**53 - 1] for n in range(number)],
    }
    return {name: json.dumps({"v": 1, "shard": 0, "shards": SHARDS, "ballots": some}) for name, some in rows.items()}


class Catalogue:
    """Lists no title."""

    def windows(self, titles: Any) -> LookUp:
        return LookUp(dict.fromkeys(titles), None)


class Counting:
    """Counts whatever it is given."""

    def count(self, shard: int, ballots: Any, out_of_time: Any) -> Outcome:
        return Outcome(counted=ballots)


class Folding:
    """Has nothing to fold."""

    def fold(self, most_us: int, titles: bool) -> Progress:
        return Progress()


class Functions:
    """A worker of each function, on services that take everything."""

    def __init__(self) -> None:
        def config(model: Any, function: str) -> Any:
            return settings.load(model, ENVIRONMENTS[function] | {"SHARDS": str(SHARDS)})

        sqs, store, chosen = Sqs(), Quarantine(S3(()), "q"), witnessing(1024)
        catalogue, counting, folding = Catalogue(), Counting(), Folding()
        self.receive = Receive(config(models.ReceiveSettings, "receive"), sqs, chosen)
        self.process = Process(config(models.ProcessSettings, "process"), sqs, store, catalogue, chosen)  # type: ignore[arg-type]
        self.write = Write(config(models.WriteSettings, "write"), counting, sqs, store, chosen)  # type: ignore[arg-type]
        self.tally = Tally(config(models.TallySettings, "tally"), folding, sqs)  # type: ignore[arg-type]
        self.results = Results(config(models.ResultsSettings, "results"), DynamoDB())

    def works(self) -> dict[str, Works]:
        """What each function is given, by name; "good" is what it is compared with."""
        everywhere = texts(messages.MOST_VALUES)
        event = request(None, method="GET", path="/results", pathParameters={"title_id": "\ud800" * 10_000})
        return {
            "receive": self._requests(),
            "process": self._ingested(everywhere | wrong_ballots(messages.MOST_BALLOTS)),
            "write": self._counted(everywhere | wrong_rows(messages.MOST_BALLOTS)),
            "tally": {name: _handled(self.tally, text) for name, text in everywhere.items()},
            "results": {"a title of 10,000 characters": lambda: self.results.handle(event)},
        }

    def _requests(self) -> Works:
        def posted(text: str, **more: Any) -> Callable[[], Any]:
            return lambda: self.receive.handle(request(text, **more))

        found = {"good": posted(json.dumps({"ballots": [good(number) for number in range(500)]}))}
        for name, text in (texts(strict_json.MOST_VALUES) | wrong_ballots(500)).items():
            found[name] = posted(text)
            if len(text) < MIB:
                encoded = base64.b64encode(text.encode()).decode()
                found[f"{name}, in base64"] = posted(encoded, isBase64Encoded=True)
        found["a type of 10,000 parts"] = posted("{}", headers={"content-type": "a/b," * 10_000})
        return found

    def _ingested(self, bad: dict[str, str]) -> Works:
        sent = [good(number, cast_at=NOW_US) for number in range(500)]
        body = json.dumps({"v": 1, "received_at": NOW_US, "ballots": sent})
        found = {"good": _handled(self.process, body)}
        for name, text in bad.items():
            found[name] = _handled(self.process, text)
            found[f"{name}, in a list"] = _handled(self.process, f'{{"ballots":[{text}]}}')
        return found

    def _counted(self, bad: dict[str, str]) -> Works:
        ballots = [good(number, cast_at=NOW_US) for number in range(4_000)]
        rows = [[*one.values()] for one in ballots if shard_of(one["voter_id"], SHARDS) == 0][:500]
        body = json.dumps({"v": 1, "shard": 0, "shards": SHARDS, "ballots": rows})
        return {name: _handled(self.write, text) for name, text in ({"good": body} | bad).items()}


def _handled(function: Any, text: str) -> Callable[[], Any]:
    return lambda: function.handle({"Records": [record(text)]}, Context())


def measured(work: Callable[[], Any], times: int) -> tuple[float, float]:
    """Seconds of CPU of one, and the most memory (MiB) of a process that does it."""
    child = os.fork()
    if not child:
        for _ in range(times):
            work()
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0
    return (used.ru_utime + used.ru_stime) / times, used.ru_maxrss / 1024


def lowest(work: Callable[[], Any], times: int) -> tuple[float, float]:
    """The least of several such measurements."""
    cpu, memory = zip(*(measured(work, times) for _ in range(ROUNDS)), strict=True)
    return min(cpu), min(memory)


def main() -> None:
    """Measure all."""
    os.environ |= {"POWERTOOLS_SERVICE_NAME": "s", "POWERTOOLS_METRICS_NAMESPACE": "n"}
    clock.now_us = lambda: NOW_US
    for handler in logs.logger().handlers:
        handler.setStream(io.StringIO())  # type: ignore[attr-defined]
    out, sys.stdout = sys.stdout, io.StringIO()
    everything = Functions().works()
    yardstick = lowest(everything["receive"]["good"], GOOD_TIMES)
    found: dict[str, dict[str, list[float]]] = {}
    for function, inputs in everything.items():
        good_one = inputs.pop("good", None)
        cpu, memory = lowest(good_one, GOOD_TIMES) if good_one else yardstick
        for name, work in inputs.items():
            took, held = measured(work, TIMES)
            if took > DEAR * cpu:  # or somebody else had the machine
                took, held = lowest(work, TIMES)
            found.setdefault(function, {})[name] = [round(took / cpu, 2), round(held - memory, 1)]
    print(json.dumps(found), file=out)


if __name__ == "__main__":
    main()
