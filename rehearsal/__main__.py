"""`python -m rehearsal`: what `make rehearse` calls."""

import sys

from devcloud.runs import told
from rehearsal.rehearse import rehearse

if __name__ == "__main__":
    sys.exit(told("rehearse", rehearse))
