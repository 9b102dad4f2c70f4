"""The votes pipeline: receive, process, write, tally, results."""

import shared  # noqa: F401 - first of all, because it makes a function's start cheaper
