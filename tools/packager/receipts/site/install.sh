#!/bin/sh -eu
# Into the folder named, or /opt/sluice-agent, by the Python that is in PYTHON; no network is used.
"${PYTHON:-python3}" -m venv "${1:-/opt/sluice-agent}"
"${1:-/opt/sluice-agent}/bin/python" -m pip install --no-index --find-links "$(dirname "$0")/wheels" --require-hashes --only-binary :all: --disable-pip-version-check -r "$(dirname "$0")/requirements.txt"
"${1:-/opt/sluice-agent}/bin/python" -m receipts.agent --version
