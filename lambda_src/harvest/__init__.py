"""The harvest pipeline: start, pace, work, store, runs."""

import shared  # noqa: F401 - first of all, because it makes a function's start cheaper

ERROR_TEXTS_MAY_BE_LOGGED = True  # no text of our own errors holds a token or a vendor's answer
