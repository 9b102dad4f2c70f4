"""`python -m tools.demo demo|chaos`: that of the pipeline that PIPELINE names."""

import sys

from tools.common.errors import run_command
from tools.environment.pipeline_rooms import run

if __name__ == "__main__":
    sys.exit(run_command("demo", lambda: run("tools.demo")))
