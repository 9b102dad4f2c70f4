"""`python -m tools.deploy.github …`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.common.commands import CommandParser
from tools.common.paths import BUILD, ROOT

PACKAGER = "tools.packager"


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    parser = CommandParser(prog="github", description=__doc__)
    parser.add_command("github-check", _github_check)
    parser.add_command("comment", _comment)
    parser.add_command("drift-issue", _drift_issue)
    parser.add_command("dependencies", _dependencies)
    parser.add_command("audit-issue", _audit_issue)
    for name, work in (("release", _release), ("release-upload", _release_upload)):
        command = parser.add_command(name, work)
        command.add_variable("VERSION", default="")
        command.add_argument("--out", type=Path, default=BUILD / "release")
    return parser.run()


def _github_check(_: argparse.Namespace) -> int:
    from tools.deploy.github import rules

    return rules.run()


def _comment(_: argparse.Namespace) -> int:
    from tools.deploy.github import comment

    return comment.run(BUILD / "plans")


def _drift_issue(_: argparse.Namespace) -> int:
    from tools.deploy.github import drift_issue

    return drift_issue.run(BUILD / "drift")


def _dependencies(_: argparse.Namespace) -> int:
    from tools.deploy.github import dependencies

    return dependencies.run(BUILD / "locks")


def _audit_issue(_: argparse.Namespace) -> int:
    from tools.deploy.github import audit_issue

    return audit_issue.run(BUILD / "audit")


def _release(options: argparse.Namespace) -> int:
    from tools.deploy.github import bundle, on_main
    from tools.environment import zips
    from tools.environment.pipeline_rooms import having, part

    version, notes = bundle.version_and_notes(options.version, ROOT)
    on_main.refuse_another_commit(ROOT)
    wheelhouses = [part(PACKAGER, name, "wheelhouse") for name in having(PACKAGER, "wheelhouse.py")]
    installed = [made for one in wheelhouses for made in one.for_each_site(BUILD / "agent", print)]
    files = bundle.write(version, notes, zips.package("lambda").parent, installed, options.out)
    print("\n".join([f"release {version} in {options.out}:", *(f"  {path.name}" for path in files)]))
    return 0


def _release_upload(options: argparse.Namespace) -> int:
    from tools.deploy.github import bundle, upload
    from tools.deploy.github.github import GitHub

    version, _ = bundle.version_and_notes(options.version, ROOT)
    print(upload.upload(GitHub.from_environment(), version, options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
