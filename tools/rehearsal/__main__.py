"""`python -m tools.rehearsal`: what `make rehearse` calls."""

import sys

from tools.common.errors import run_command
from tools.environment.pipeline_rooms import having, part
from tools.rehearsal import rehearse

ROOM = "tools.rehearsal"

if __name__ == "__main__":
    acts = {name: part(ROOM, name, "acts").Acts for name in having(ROOM, "acts.py")}
    sys.exit(run_command("rehearse", lambda: rehearse.run(acts)))
