"""The receipts pipeline: accept, split, read, account, sweep."""

import shared  # noqa: F401 - first of all, because it makes a function's start cheaper

ERROR_TEXTS_MAY_BE_LOGGED = True  # no text of our own errors holds what stands on a receipt
