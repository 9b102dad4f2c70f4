"""`python -m tools.bench.receipts.accuracy`: how well a folder of receipts is read (`make accuracy
DIR=…`).

Each picture goes the product's way: made fit to be read, read by the stand-in for Textract on this
machine, labelled by the rules. The last line has the shares; build/accuracy/ has all of it as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from receipts import image, labels
from receipts.fields import Hints, Receipt
from tools.bench.receipts import scores
from tools.bench.receipts.keys import Key, load
from tools.bench.receipts.scores import Verdict
from tools.common import private
from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.common.loopback import session
from tools.common.text import visible
from tools.local_cloud.reader import stand_in
from tools.local_cloud.runs import REGION, Run

RUN, FILE = "accuracy", "accuracy.json"
READ_SECONDS = 300.0  # a picture, on a machine that does other things too
ATTEMPTS = 8

Analyze = Callable[[bytes], Any]


def main() -> int:
    """Read the folder that DIR names; 0 when it was read, however well."""
    parser = CommandParser(prog="accuracy", description="Read a folder of receipts and compare with its keys.json.")
    parser.add_variable("DIR", about="the folder: pictures and keys.json")
    parser.set_defaults(work=_work)
    return parser.run()


def _work(options: argparse.Namespace) -> int:
    if not options.dir:
        raise CommandError("name a folder of pictures with a keys.json: make accuracy DIR=…")
    keys = load(Path(options.dir))
    run = Run.named(RUN)
    verdicts: list[Verdict] = []
    cores = os.cpu_count() or 1
    reader = stand_in.start(run, engines=cores)
    try:
        analyze = _client(reader.address)
        with ThreadPoolExecutor(cores) as pool:
            for count, found in enumerate(pool.map(lambda key: judged(key, analyze), keys), 1):
                verdicts += found
                print(f"accuracy: {count} of {len(keys)}", file=sys.stderr, flush=True)
    finally:
        stand_in.stop(run)
    private.write(run.folder / FILE, json.dumps(scores.plain(verdicts), indent=1) + "\n")
    for line in scores.lines(verdicts):
        print(visible(line))
    return 0


def judged(key: Key, analyze: Analyze) -> list[Verdict]:
    """Read a picture and compare it with its key."""
    try:
        return scores.judge(key, _read(key.picture, analyze))
    except (image.ImageRefused, labels.AnswerInvalid) as error:
        return scores.judge(key, None, f"{type(error).__name__}: {error}")


def _read(picture: Path, analyze: Analyze) -> Receipt | None:
    """The first receipt of a picture's first page that has any."""
    for page in image.prepare(picture.read_bytes()).pages:
        found = labels.receipts_of(analyze(page.content), Hints())
        if found:
            return found[0]
    return None


def _client(address: str) -> Analyze:
    from botocore.config import Config

    client = session(REGION).client(
        "textract",
        endpoint_url=address,
        aws_access_key_id="accuracy",
        aws_secret_access_key="none",  # noqa: S106 (nobody verifies it)
        config=Config(
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=os.cpu_count() or 1,
        ),
    )
    return lambda content: client.analyze_expense(Document={"Bytes": content})


if __name__ == "__main__":
    sys.exit(main())
