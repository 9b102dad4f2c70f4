"""`make faults`: many histories of the votes pipeline, or one told line by line."""

import sys

from tools.simulation.command import run_command

if __name__ == "__main__":
    sys.exit(run_command("tools.simulation.votes"))
