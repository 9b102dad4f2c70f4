"""`make iam`: run the seeded histories, and show the rights of every role with what uses each; docs/iam.md is brought up to date."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.iam import table
from tests.iam.rare import interrupted_erasure
from tests.iam.used import Used
from tests.support import histories
from tests.support.plan import plan


def main() -> None:
    """Print the tables and write them into the document."""
    with tempfile.TemporaryDirectory() as folder:
        found = histories.found(Path(folder))
    seeded = {Used(*used) for used in found["used"]} | interrupted_erasure()
    tables = {"roles": table.markdown(table.of_roles(seeded, plan("prod")))}
    table.put_in_document(tables)
    print("\n\n".join(tables.values()))


if __name__ == "__main__":
    main()
