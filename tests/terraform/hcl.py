"""What the tests read from .tf files and READMEs as text; `terraform fmt` keeps the shape that this
relies on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.plan import ROOT, workspace
from tools.environment.names import DEPLOYED

MODULES = sorted(path.parent for path in (ROOT / "terraform").glob("*/*/main.tf"))
ENVIRONMENTS = ("local", *DEPLOYED)
HASH = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="  # a zip's
BLOCK = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A variable or an output, and the text between its braces."""

    kind: str
    name: str
    body: str

    def argument(self, name: str) -> str | None:
        """The text of an argument, whatever lines it takes; None where it is not set."""
        found = re.search(rf"^  {name} += (.*?)(?=^  \w+ *[={{]|^\n|\Z)", self.body, re.MULTILINE | re.DOTALL)
        return found[1].strip() if found else None

    @property
    def description(self) -> str:
        """The description on one line, or ""."""
        if found := re.search(r'^  description = "(.*)"$', self.body, re.MULTILINE):
            return found[1].replace('\\"', '"')
        found = re.search(r"^  description = <<-EOT\n(.*?)^  EOT$", self.body, re.MULTILINE | re.DOTALL)
        return " ".join(found[1].split()) if found else ""

    @property
    def has_default(self) -> bool:
        """Whether a variable may be left out."""
        return self.argument("default") is not None


def blocks(folder: Path, kind: str) -> list[Block]:
    """All variables or outputs of a module, in their order."""
    text = "".join(path.read_text() for path in sorted(folder.glob("*.tf")))
    return [Block(*found.groups()) for found in BLOCK.finditer(text) if found[1] == kind]


def reference(folder: Path) -> str:
    """The tables of inputs and outputs that a module's README must hold."""
    inputs = [(f"`{b.name}`", "" if b.has_default else "yes", b.description) for b in blocks(folder, "variable")]
    outputs = [(f"`{b.name}`", b.description) for b in blocks(folder, "output")]
    return "\n".join(
        ["## Inputs", "", "| name | required | what it is |", "| --- | --- | --- |"]
        + [f"| {' | '.join(row)} |" for row in inputs]
        + ["", "## Outputs", "", "| name | what it is |", "| --- | --- |"]
        + [f"| {' | '.join(row)} |" for row in outputs]
    )


def examples(document: Path) -> list[str]:
    """Every ```hcl block of a document."""
    return re.findall(r"^```hcl\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL)


@cache
def example(document: Path, index: int) -> Path:
    """A folder that holds a document's block as a configuration to plan, its modules taken from
    here.
    """
    return _to_plan(f"{document.parent.name}-{document.stem}-{index}", examples(document)[index])


TAKEN_AWAY = sorted(path.parents[1].name for path in ROOT.glob("examples/*/infra/main.tf"))


@cache
def taken_away(name: str) -> Path:
    """The same of one of examples/, with what it must be given."""
    text = (ROOT / "examples" / name / "infra/main.tf").read_text()
    return _to_plan(f"examples-{name}", text, {"target_url": "https://behind.example.com/"})


def _to_plan(name: str, text: str, given: Mapping[str, object] | None = None) -> Path:
    folder = workspace() / "examples" / name
    folder.mkdir(parents=True)
    here = re.sub(r'"git::https://[^"]*?//(terraform/[^"?]*)\?ref=[^"]*"', r'"./\1"', text)
    (folder / "main.tf").write_text(re.sub(r'"\./(terraform|web)/', r'"../../\1/', here))
    if 'provider "aws"' not in text:
        (folder / "provider.tf").write_text('provider "aws" {\n  region = "us-east-1"\n}\n')
    released = {"bucket": "acme-releases", "key": "v1.2.0.zip", "hash": HASH}
    packages = dict.fromkeys(re.findall(r'var\.packages\["([^"]+)"\]', text), released)
    values = {key: value for key, value in (given or {}).items() if f'variable "{key}"' in text}
    if packages:
        values |= {"packages": packages}
    if values:
        (folder / "terraform.tfvars.json").write_text(json.dumps(values))
    return folder
