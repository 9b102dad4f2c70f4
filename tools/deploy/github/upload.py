"""`make release-upload`: the GitHub release of build/release.

It is a draft until every file is there, so nobody sees half of one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.deploy.github.bundle import NOTES, ReleaseError
from tools.deploy.github.github import GitHub

KINDS = {".zip": "application/zip", ".json": "application/json", ".tar": "application/x-tar"}


def upload(github: GitHub, version: str, folder: Path) -> str:
    """Make the release of tag v`version` and return its address.

    An earlier draft is filled anew. Raises GitHubError, ReleaseError.
    """
    if not (folder / NOTES).is_file():
        raise ReleaseError(f"{folder} holds no release: run `make release VERSION={version}` first")
    tag = f"v{version}"
    earlier = next((release for release in github.pages("releases") if release["tag_name"] == tag), None)
    if earlier and not earlier["draft"]:
        raise ReleaseError(f"{earlier['html_url']} is out already: releases are not changed, make the next version")
    release = earlier or github.post("releases", _described(tag, version, folder))
    for asset in release["assets"]:
        github.delete(f"releases/assets/{asset['id']}")
    for path in sorted(folder.iterdir()):
        if path.name != NOTES:
            github.upload(release["upload_url"], path.name, path.read_bytes(), KINDS.get(path.suffix, "text/plain"))
    return str(github.patch(f"releases/{release['id']}", {"draft": False})["html_url"])


def _described(tag: str, version: str, folder: Path) -> dict[str, Any]:
    body = (folder / NOTES).read_text()
    return {"tag_name": tag, "name": tag, "body": body, "draft": True, "prerelease": "-" in version}
