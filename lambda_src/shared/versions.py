"""Versions: every message, row and entry carries one.

A reader that meets a later one leaves it for the later release.
"""


class NewerVersion(Exception):
    """A later release wrote this; this one must not guess.

    It fails and waits, until the later release (or a redrive to it) takes it.
    """


def require_known(what: str, version: int, latest: int) -> None:
    """Raise NewerVersion when `what` has a version above the `latest` that this release reads."""
    if version > latest:
        raise NewerVersion(
            f"{what} has version {version}, this release reads up to {latest}: "
            "run the later release"
        )
