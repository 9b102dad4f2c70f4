"""`python -m bench.capacity`: what `make capacity` calls. Writes build/capacity/<environment>-<load>.json and .svg."""

from __future__ import annotations

import argparse
import json
import re
import sys

from bench.capacity import curves, findings, picture, setting, work
from bench.capacity.model import Model
from devcloud.runs import BUILD, DEPLOYED, LocalCloudError, told

FOLDER = BUILD / "capacity"


def main() -> int:
    """Run the model; 0 when it ran, whatever it found."""
    parser = argparse.ArgumentParser(prog="capacity", description=__doc__)
    parser.add_argument("--env", default="prod", help="whose sizing")
    parser.add_argument("--load", default="step", help="step[:PEAK], daily[:PEAK], or a CSV of seconds,ballots_per_second")
    parser.add_argument("--a-request", type=int, default=1, help="ballots a request, 1 to 100")
    parser.add_argument("--slow", type=float, default=1.0, help="times the assumed latencies of AWS's services")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=NUMBER", help="instead of what is planned, or of a quota")
    options = parser.parse_args()
    return told("capacity", lambda: capacity(options.env, options.load, options.a_request, options.set, options.slow))


def capacity(environment: str, load: str, a_request: int, changes: list[str], slow: float = 1.0) -> int:
    """One run: says, writes, draws."""
    if environment not in DEPLOYED:
        raise LocalCloudError(f"ENV={environment} has no sizing for AWS: ENV is one of {', '.join(DEPLOYED)}")
    if not 1 <= a_request <= 100:
        raise LocalCloudError(f"A_REQUEST={a_request}: a request has 1 to 100 ballots here")
    if not slow > 0:
        raise LocalCloudError(f"SLOW={slow}: it is a factor, above 0")
    curve = curves.named(load)
    chosen = setting.planned(environment).changed(changes)
    found = findings.found(Model(chosen, work.measured(chosen, a_request, slow), curve).run()) | {"changed": changes, "slow": slow}
    FOLDER.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^a-z0-9]+", "-", f"{environment}-{load}-{a_request}{'-changed' if changes else ''}".lower())
    (FOLDER / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    picture.draw(found, FOLDER / f"{name}.svg")
    print(findings.text(found))
    print(f"written: build/capacity/{name}.json, {name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
