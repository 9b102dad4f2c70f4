"""What a person can mend, and how a command ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from tools.common import private
from tools.common.text import LINES, visible

MOST_SAID = 20_000  # characters of an error: it may hold what a program printed
INTERRUPTED = 130  # the shell's code for Ctrl-C


class CommandError(Exception):
    """Something a person can mend; the message says what, where and what to do."""


def run_command(command: str, work: Callable[[], int]) -> int:
    """Do a command's work and return its exit code.

    What a person can mend, and what AWS refused, is a line on stderr instead of a traceback. What
    is written meanwhile, states, plans and reports, its owner alone can read.
    """
    before = os.umask(private.UMASK)
    try:
        return work()
    except CommandError as error:
        said = str(error)
    except Exception as error:
        if not _is_of_a_service(error):
            raise
        said = f"{error}. Nothing is known of the rest: look, then run it again"
    except KeyboardInterrupt as interrupt:
        print(f"{command}: interrupted{''.join(f'; {what}' for what in interrupt.args)}", file=sys.stderr)
        return INTERRUPTED
    finally:
        os.umask(before)
    print(f"{command}: {visible(said, MOST_SAID, keep=LINES)}", file=sys.stderr)
    return 1


def _is_of_a_service(error: Exception) -> bool:
    """Whether AWS's client raised it; where nobody loaded that, nobody did."""
    errors = sys.modules.get("botocore.exceptions")
    return errors is not None and isinstance(error, (errors.ClientError, errors.BotoCoreError))
