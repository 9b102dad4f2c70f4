"""Cures that a button may bring: what the finding's make command does, done here."""

from __future__ import annotations

import io
import re

from rich.console import Console

from tools.live.local.place import Place
from tools.live.local.verdicts import Offered
from tools.operations import mapping
from tools.operations.findings import Finding

MAPPING_ON = re.compile(r"^make mapping .*FUNCTION=(\S+) ON=yes$")


def offer(place: Place, finding: Finding) -> Offered | None:
    """What cures a finding of a pipeline at one press; None where that takes a person's thought."""
    if found := MAPPING_ON.match(finding.command):
        function = found[1]
        return Offered(f"let {function} take again", lambda: _switch_on(place, function))
    return None


def _switch_on(place: Place, function: str) -> str:
    said = io.StringIO()
    options = mapping.Options(function, on=True, confirm=True)
    mapping.run(place.deployment, Console(file=said, width=200), options, place.ours)
    return said.getvalue().strip()
