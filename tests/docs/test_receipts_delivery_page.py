"""docs/receipts/delivery.md says what the loop does: reasons, numbers, columns, classes."""

import json
import re

from receipts.delivery import credentials, pace, postgres, work
from receipts.delivery.credentials import Login
from receipts.ledger import MOST_RESENT_US, RESENT_US
from tools.common.paths import ROOT

TEXT = (ROOT / "docs/receipts/delivery.md").read_text()
SOURCES = ROOT / "lambda_src/receipts/delivery"


def test_every_reason_to_be_away_is_explained_and_no_other() -> None:
    sources = "".join((SOURCES / name).read_text() for name in ("postgres.py", "credentials.py"))
    ours = set(re.findall(r'Away\("([a-z-]+)"', sources)) | postgres._REFUSALS.keys() | {credentials.NOT_READABLE}
    assert {"lost", "timeout", "unreachable"} < ours
    told = TEXT[TEXT.index("| reason | look at |") : TEXT.index("## Another database")]
    cells = [row.split("|")[1] for row in told.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`([a-z-]+)`", " ".join(cells))) == ours


def test_every_reason_of_a_refusal_is_named() -> None:
    for reason in (work.BAD_DOCUMENT, work.NO_DOCUMENT, work.BY_DATABASE):
        assert f"`{reason}`" in TEXT
    assert f"classes {', '.join(postgres.DATA_CLASSES[:-1])} and {postgres.DATA_CLASSES[-1]}" in TEXT


def test_every_column_is_explained() -> None:
    table = (SOURCES / "postgres.sql").read_text()
    columns = set(re.findall(r"^    ([a-z_]+) +[a-z]+(?:\(| )", table, re.MULTILINE))
    assert {"customer_id", "delivered_at"} < columns
    rows = "".join(row.split("|")[1] for row in TEXT.splitlines() if row.startswith("| `"))
    assert columns <= set(re.findall(r"`([a-z_]+)`", rows))


def test_the_secret_is_one_that_is_read() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    secret = json.loads(shown)
    assert secret.keys() == Login.model_fields.keys()
    assert Login.model_validate(secret).host == "db.example.com"


def test_numbers_are_those_of_the_code() -> None:
    limits = postgres.Limits()
    assert (limits.statement_seconds, limits.answer_seconds) == (5, 7)
    assert "five seconds at the server; after seven without an answer" in TEXT
    assert (pace.LEAST_ROWS, pace.STEP_ROWS) == (10, 10)
    assert "begins with 10 rows and doubles" in TEXT
    assert "from then on it adds 10." in TEXT
    assert pace.RECOVERY == 0.8
    assert "the rest shrinks by a fifth" in TEXT
    assert (RESENT_US, MOST_RESENT_US) == (15 * 60_000_000, 6 * 3600_000_000)
    assert "after 15 minutes, doubling up to 6 hours" in TEXT
