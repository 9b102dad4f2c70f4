"""The votes pipeline: receive, process, write, tally, results."""

import shared  # noqa: F401 - first of all, because it makes a function's start cheaper

ERROR_TEXTS_MAY_BE_LOGGED = True  # no text of our own errors names a voter, see logs.cause_of
