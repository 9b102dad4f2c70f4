"""`python -m release …`: what the make targets call."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from devcloud.runs import BUILD, ROOT, told


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    options = _parser().parse_args()
    return told(options.command, lambda: int(options.work(options)))


def _plans(options: argparse.Namespace) -> int:
    from release import policies, promote, propose
    from release.ground import Ground

    ground = Ground(options.environment)
    if options.command == "publish":
        return propose.publish(ground, _say)
    if options.command == "policies":
        return policies.check(ground, _say)
    if options.command == "propose":
        work = propose.propose_offline if os.environ.get("OFFLINE") == "1" else propose.propose
        return work(ground, _say, insist=options.insist)
    return promote.promote(ground, _say, insist=options.insist, read=options.reviewed)


def _comment(_: argparse.Namespace) -> int:
    from release import comment

    return comment.run(BUILD / "plans")


def _drift(options: argparse.Namespace) -> int:
    from release import drift, look
    from release.ground import Ground

    found = look.look(Ground(options.environment))
    print(drift.text(found))
    print(f"written to {drift.write(found, BUILD / 'drift')}")
    return 0


def _drift_issue(_: argparse.Namespace) -> int:
    from release import drift_issue

    return drift_issue.run(BUILD / "drift")


def _dependencies(_: argparse.Namespace) -> int:
    from release import dependencies

    return dependencies.run(BUILD / "locks")


def _release(options: argparse.Namespace) -> int:
    from devcloud import stack
    from release import bundle

    version, notes = bundle.checked(options.version, ROOT)
    files = bundle.bundle(version, notes, stack.package("lambda").parent, options.out)
    print("\n".join([f"release {version} in {options.out}:", *(f"  {path.name}" for path in files)]))
    return 0


def _release_upload(options: argparse.Namespace) -> int:
    from release import bundle, upload
    from release.github import GitHub

    version, _ = bundle.checked(options.version, ROOT)
    print(upload.upload(GitHub.from_environment(), version, options.out))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("publish", "propose", "policies", "promote"):
        one = commands.add_parser(name)
        one.add_argument("environment", nargs="?", default="")
        one.add_argument("--insist", action="store_true", help="go by the files as they are, committed or not")
        one.add_argument("--reviewed", default="", help="promote: the digest of the changes that a person has read since")
        one.set_defaults(work=_plans)
    for plain, work in (("comment", _comment), ("drift-issue", _drift_issue), ("dependencies", _dependencies)):
        commands.add_parser(plain).set_defaults(work=work)
    drift = commands.add_parser("drift")
    drift.add_argument("environment", nargs="?", default="")
    drift.set_defaults(work=_drift)
    for versioned, done in (("release", _release), ("release-upload", _release_upload)):
        one = commands.add_parser(versioned)
        one.add_argument("version", nargs="?", default="")
        one.add_argument("--out", type=Path, default=BUILD / "release")
        one.set_defaults(work=done)
    return parser


if __name__ == "__main__":
    sys.exit(main())
