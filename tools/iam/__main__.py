"""`make iam`: run the seeded histories, and show the rights of every role with what uses each;
docs/reference/iam.md is brought up to date.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tools.environment.offline_plan import plan
from tools.iam import table
from tools.iam.pipeline import Pipeline, pipelines
from tools.simulation.aws.used import Used
from tools.simulation.brief import brief_campaign


def main() -> None:
    """Print the tables and write them into the document."""
    rows = [row for pipeline in pipelines() for row in _rows(pipeline)]
    tables = {"roles": table.markdown(rows)}
    table.put_in_document(tables)
    print("\n\n".join(tables.values()))


def _rows(pipeline: Pipeline) -> list[table.Row]:
    with tempfile.TemporaryDirectory() as folder:
        histories = brief_campaign(pipeline.simulation, Path(folder))
    seeded = {Used(*used) for used in histories["used"]} | pipeline.rare()
    return table.of_roles(seeded, plan("prod"), pipeline)


if __name__ == "__main__":
    main()
