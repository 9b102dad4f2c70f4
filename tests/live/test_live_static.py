"""The live page's files: what is a stranger's is what was vendored, nothing leads off this machine,
text stays text, and every pair of colours that meets can be read.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from tools.common.paths import ROOT

FOLDER = ROOT / "tools/live/static"
OURS = sorted(path for path in FOLDER.iterdir() if path.is_file())
TOKENS = (FOLDER / "tokens.css").read_text()
LIGHT, DARK = TOKENS.split("@media", 1)
TEXT = [
    *((ink, ground) for ink in ("ink", "muted", "accent") for ground in ("ground", "panel", "raised")),
    *(("ink", tint) for tint in ("tint", "bad-tint")),
    ("on-accent", "accent"),
    *((state, on) for state in ("good", "bad", "wait") for on in (f"{state}-tint", "ground", "panel")),
    ("bad", "tint"),
    ("bad", "raised"),
    ("muted", "bad-tint"),
]
LINES = [*((f"series-{n}", "panel") for n in range(6)), ("accent", "tint")]
MOST_LINES = 300


def test_what_is_vendored_is_what_was_published() -> None:
    known = json.loads((FOLDER / "vendor/VENDOR.json").read_text())
    (uplot,) = known
    assert set(uplot) == {"name", "version", "licence", "source", "integrity", "sha256"}
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (FOLDER / "vendor").iterdir()}
    assert there.pop("VENDOR.json")
    assert there == uplot["sha256"]
    assert f"(v{uplot['version']})" in (FOLDER / "vendor/uPlot.iife.min.js").read_text()[:100]


@pytest.mark.parametrize("path", [*OURS, *(FOLDER / "vendor").glob("*.[jc]s*")], ids=lambda path: path.name)
def test_nothing_leads_off_this_machine(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/|<!--.*?-->|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r'"https?://www\.w3\.org/[\w/]+"', "", text)  # namespaces, which nobody fetches
    if path.name != "VENDOR.json":
        assert re.findall(r"(?:https?|wss?):\S+|url\(\s*[^)]+\)|//\w+\.\w+", text) == []


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_text_is_only_set_as_text_and_a_file_has_one_job(path: Path) -> None:
    text = path.read_text()
    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc", text) == []
    )
    assert re.findall(r"<[^>]* (?:style|on\w+)=|<style|<script>", text) == [], "the page's policy refuses it"
    assert len(text.splitlines()) <= MOST_LINES


@pytest.mark.parametrize(("scheme", "tokens"), [("light", LIGHT), ("dark", DARK)], ids=["light", "dark"])
def test_every_pair_of_colours_that_meets_can_be_read(scheme: str, tokens: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", tokens))
    poor = {(ink, on): round(_contrast(colours[ink], colours[on]), 2) for ink, on in TEXT}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
    lines = {(ink, on): round(_contrast(colours[ink], colours[on]), 2) for ink, on in LINES}
    assert {pair: ratio for pair, ratio in lines.items() if ratio < 3} == {}


def test_both_themes_have_the_same_colours() -> None:
    light, dark = (set(re.findall(r"--([\w-]+): (?:#|rgb)", tokens)) for tokens in (LIGHT, DARK))
    assert light == dark


def _contrast(one: str, other: str) -> float:
    """WCAG's ratio of two colours, 1 to 21."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
