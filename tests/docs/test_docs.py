"""What the documents say of the code: codes, targets and files that exist, no address and no path
that should not be there.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.makefile import PHONY, TARGETS
from tools.environment.outputs import PARTS
from votes.ballot import Code

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(path for part in ("", "docs/**/", "tools/**/", "examples/") for path in ROOT.glob(f"{part}*.md"))


def test_every_code_is_documented() -> None:
    text = (ROOT / "docs/votes/http-api.md").read_text()
    assert [code for code in Code if f"`{code}`" not in text] == []


def test_every_refusal_of_a_request_is_documented() -> None:
    text = (ROOT / "docs/votes/http-api.md").read_text()
    sources = [
        ROOT / "lambda_src/shared/http.py",
        *(ROOT / "lambda_src/votes" / f"{name}.py" for name in ("receive", "results")),
    ]
    found = {
        pair for source in sources for pair in re.findall(r'HttpError\(\s*(\d+),\s*"([a-z-]+)"', source.read_text())
    }
    assert len(found) > 8
    assert [pair for pair in found if not re.search(rf"{pair[0]}.*{pair[1]}", text)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_targets_and_links_exist(document: Path) -> None:
    text = document.read_text()
    assert set(re.findall(r"(?:^|`)make ([a-z-]*[a-z])(?![a-z-])", text, re.MULTILINE)) <= set(TARGETS)
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_target_is_listed_and_phony() -> None:
    assert {*TARGETS, "help"} == PHONY


def test_no_address_of_a_registry_and_no_path_of_a_machine() -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    paths = [ROOT / name for name in files if name] or [path for path in ROOT.glob("*") if path.is_file()]
    wrong = re.compile(
        r"p[y]pi\.org|python[h]osted|registry\.(?:terraform|npm)|(?<![\w.])/(?:w[o]rk|r[o]ot|h[o]me/[a-z]+|U[s]ers)/"
    )
    found = [
        str(path.relative_to(ROOT))
        for path in paths
        if path.exists() and wrong.search(path.read_text(errors="replace"))
    ]
    assert found == []


def test_all_that_functions_share_is_listed_in_its_own_words() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\(\S+\) \| (.*) \|$", (ROOT / "docs/reference/shared.md").read_text(), re.MULTILINE
    )
    there = {path.stem: path.read_text() for path in (ROOT / "lambda_src/shared").glob("[a-z]*.py")}
    documented = {name: ast.get_docstring(ast.parse(text)) or "" for name, text in there.items()}
    assert dict(listed) == {name: " ".join(text.split("\n\n")[0].split()) for name, text in documented.items()}


def test_the_output_that_commands_read_is_documented_as_it_is() -> None:
    text = (ROOT / "docs/how-to/own-pipeline.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| .* \| (`.*`) \|$", text, re.MULTILINE)
    assert {part: tuple(re.findall(r"`(\w+)`", names)) for part, names in rows} == PARTS
