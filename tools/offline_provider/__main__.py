"""Serve until stopped: `python -m tools.offline_provider [--emulator URL] [--ready-file FILE]`."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from tools.offline_provider.connection import RefusedError
from tools.offline_provider.server import serve


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.offline_provider", description=__doc__)
    parser.add_argument(
        "--emulator", default=os.environ.get("AWS_ENDPOINT_URL"), metavar="URL", help="where calls go; none: plan only"
    )
    parser.add_argument(
        "--ready-file", type=Path, help="written, once serving, with the content of TF_REATTACH_PROVIDERS"
    )
    arguments = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        with serve(arguments.emulator or None) as reattach:
            text = json.dumps(reattach)
            if arguments.ready_file:
                partial = arguments.ready_file.with_suffix(".partial")
                partial.write_text(text)
                partial.replace(arguments.ready_file)
            print(text, flush=True)
            stopped.wait()
    except RefusedError as error:
        print(f"{error.summary}. {error.detail}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main())
