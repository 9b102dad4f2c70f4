"""Builds one zip per function, byte for byte reproducible.

    python -m tools.packager [--target local|lambda|both] [--out build/packages]

A function is a module `lambda_src/<pipeline>/<function>.py` with a top-level `handler`. Its zip
holds what the handler reaches by imports (closure.py has the rule), our modules and third-party
ones alike; the latter come as wheels, hash-checked against `requirements/functions.txt` and kept in
`build/wheels`.

Never in a zip: boto3 and botocore, with s3transfer, urllib3, dateutil and six, which they bring:
the runtime has them. jmespath, which Powertools needs, is packaged, so that nothing but boto3 is
taken from the runtime.

Sources stay in the zip, for tracebacks and for whoever reads the function in the console; bytecode
lies beside them in `__pycache__`, unchecked, so a cold start compiles nothing. It is made only
where this Python is the runtime's minor version; the manifest says whether it was.

The same inputs give the same bytes whatever the folder, umask, time zone and clock. Another Python
or zlib may compile or compress differently: both are in the manifest.
"""


class PackagerError(Exception):
    """A package cannot be built; the text says what, where, and what to do."""
