"""The server itself: started, stopped or crashed by its own process id, and asked as its superuser.

Runs in the emulator's virtual environment.
"""

from __future__ import annotations

import asyncio
import csv
import io
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

USER = "postgres"
SOCKET = ".s.PGSQL.5432"  # in the folder of its data
START_SECONDS, STOP_SECONDS, ASK_SECONDS = 30.0, 10.0, 60.0
POLL_SECONDS = 0.02
FAST, CRASH = "fast", "crash"
SIGNALS = {FAST: signal.SIGINT, CRASH: signal.SIGQUIT}
# small, as the client's is; it tells its log of no row
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # what it has committed outlives its crash, not this machine's
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_directories": ".",
    "shared_buffers": "16MB",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "client_connection_check_interval": "500ms",
}


class Database:
    """PostgreSQL in a folder that tools.local_cloud.premises.installation prepared.

    `psql`: its client's program. `user`: as whom it runs, None for who we are. It takes
    `connections` at most, three of them for its superuser alone.
    """

    def __init__(self, folder: Path, programs: Path, psql: Path, user: int | None, connections: int) -> None:
        self._data, self._postgres, self._psql, self._user = folder / "data", programs / "postgres", psql, user
        self._settings = SETTINGS | {"max_connections": str(connections)}
        self._password = (folder / "password").read_text()
        self._process: Process | None = None

    @property
    def socket(self) -> str:
        """Where it listens."""
        return str(self._data / SOCKET)

    @property
    def is_up(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and wait until it takes connections; nothing to do where it runs.

        Raises RuntimeError where it does not.
        """
        if self.is_up:
            return
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        self._process = await asyncio.create_subprocess_exec(
            str(self._postgres),
            *("-D", str(self._data), *settings),
            cwd=self._data,
            stdin=DEVNULL,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        async with asyncio.timeout(START_SECONDS):
            while not self._is_ready():
                if not self.is_up:
                    raise RuntimeError(f"PostgreSQL ended with {self._process.returncode}: its log says why")
                await asyncio.sleep(POLL_SECONDS)

    async def stop(self, how: str = FAST) -> None:
        """Stop it: "fast" ends its sessions, "crash" is as if its machine had lost power."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(SIGNALS[how])
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def ask(self, statement: str) -> list[list[str]]:
        """The rows of one statement or several, as text. Raises ValueError with what it said."""
        return await self._told(["--command", statement])

    async def read(self, file: Path) -> None:
        """Do what a file of statements says, in one transaction. Raises ValueError."""
        await self._told(["--single-transaction", "--file", str(file)])

    async def _told(self, arguments: Sequence[str]) -> list[list[str]]:
        process = await asyncio.create_subprocess_exec(
            *(str(self._psql), "--no-psqlrc", "--quiet", "--csv", "--tuples-only", "--set=ON_ERROR_STOP=1"),
            *(f"--host={self._data}", f"--username={USER}", f"--dbname={USER}", *arguments),
            env={"PATH": os.defpath, "PGPASSWORD": self._password, "PGCONNECT_TIMEOUT": "5", "LC_ALL": "C.UTF-8"},
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        try:
            said, wrong = await asyncio.wait_for(process.communicate(), ASK_SECONDS)
        except TimeoutError:
            process.kill()
            raise ValueError(f"it has not answered within {ASK_SECONDS:.0f} s") from None
        if process.returncode:
            raise ValueError(wrong.decode("utf-8", "replace").strip())
        return list(csv.reader(io.StringIO(said.decode())))

    def _is_ready(self) -> bool:
        """As pg_ctl sees it: the server says so in the last line of its file."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False
