"""The README's dollars are those of the pages that they come from."""

import re

from tools.common.paths import ROOT


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def test_a_million_ballots_by_rate() -> None:
    rows = dict(re.findall(r"^\| ([\d,]+) \| (\d+\.\d\d) \|$", _text("docs/votes/capacity.md"), re.MULTILINE))
    (said,) = re.findall(r"^A million ballots cost .*$", _text("README.md"), re.MULTILINE)
    assert re.findall(r"\$(\d+\.\d\d)(?: in prod)? at ([\d,]*\d)", said) == [
        (paid, rate) for rate, paid in rows.items()
    ]
    assert list(rows) == ["1", "10", "1,000"]


def test_idle() -> None:
    page = _text("docs/votes/performance.md")
    rows = re.findall(r"^\| (dev|prod) \|.*?\| (?:\*\*)?(\d+\.\d\d)(?:\*\*)? \| \d+\.\d\d \|$", page, re.MULTILINE)
    totals = {name: round(float(total)) for name, total in rows}
    assert f"prod idles at ${totals['prod']} in 30 days and dev at ${totals['dev']}." in _text("README.md")
