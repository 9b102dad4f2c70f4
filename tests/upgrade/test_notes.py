"""Every version has its upgrade note, and the release before is kept."""

from __future__ import annotations

import re
import subprocess
import zipfile

from tests.upgrade import kept

HEADING = re.compile(r"^## (Unreleased|\[?(\d+\.\d+\.\d+)\]?.*)$", re.MULTILINE)


def sections(path: str) -> dict[str, str]:
    """What stands under each version's heading, newest first."""
    parts = HEADING.split((kept.ROOT / path).read_text())[1:]
    return {
        number or heading: body.strip()
        for heading, number, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def test_every_version_of_the_changelog_has_its_note() -> None:
    changes = {version for version, body in sections("CHANGELOG.md").items() if body}
    assert changes
    notes = sections("docs/how-to/upgrading.md")
    assert [version for version in sorted(changes) if not notes.get(version)] == []


def test_the_newest_release_is_kept_while_the_next_is_made() -> None:
    """`python -m tests.upgrade.kept vX.Y.Z COMMIT` keeps it; so the next is tried against what is
    deployed.
    """
    changes = sections("CHANGELOG.md")
    released = [version for version in changes if version != "Unreleased"]
    if changes.get("Unreleased") and released:
        assert kept.newest().stem == f"v{released[0]}"
    assert kept.newest().stat().st_size < kept.LARGEST_BYTES


def test_an_archive_is_of_the_commit_that_it_names_and_made_again_holds_the_same() -> None:
    """Where git knows the commit: a shallow clone does not."""
    with zipfile.ZipFile(kept.newest()) as held:
        commit = held.comment.decode()
        names = {name for name in held.namelist() if not name.endswith("/")}
    assert re.fullmatch(r"[0-9a-f]{40}", commit)
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", commit, "--", *kept.PARTS],
        cwd=kept.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        assert names <= set(listed.stdout.splitlines())
        assert {name.split("/")[0] for name in names} == set(kept.PARTS)
