"""DynamoDB Local, AWS's own engine, as a second opinion on the simulation: had by Maven when it is
asked for, held to pinned checksums, run by Java on loopback.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.common.errors import CommandError
from tools.common.paths import BUILD, ROOT

NAME = "dynamodb-local"
PROJECT = ROOT / "requirements" / f"{NAME}.xml"
SUMS = ROOT / "requirements" / f"{NAME}.sha256"
LAUNCHER = Path(__file__).with_name("Loopback.java")
FILES = BUILD / NAME
FETCH_SECONDS, START_SECONDS, STOP_SECONDS = 540, 90, 10
PROGRAMS = {"java": "a JDK, 17 or newer", "javac": "a JDK, 17 or newer", "mvn": "Maven"}


def missing() -> str:
    """Why it cannot run here, in words; "" where it can."""
    lacking = {what for program, what in PROGRAMS.items() if shutil.which(program) is None}
    return f"the PATH lacks {' and '.join(sorted(lacking))}" if lacking else ""


def have() -> None:
    """Have the engine's files in build/, once. Raises CommandError where one is not as pinned."""
    if not FILES.exists():
        _fetch()
    if wrong := differing(FILES, SUMS):
        raise CommandError(
            f"{FILES} is not what {SUMS.relative_to(ROOT)} lists: {', '.join(wrong[:5])}: remove the folder, and "
            "where it is so again, ask how that can be before anything of it runs"
        )


def differing(folder: Path, sums: Path) -> list[str]:
    """The names of files that are missing, are not listed, or have another SHA-256."""
    listed = {name: digest for digest, name in (line.split("  ") for line in sums.read_text("utf-8").splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    return sorted(name for name in listed.keys() | found.keys() if listed.get(name) != found.get(name))


def _fetch() -> None:
    making = FILES.with_suffix(".making")
    shutil.rmtree(making, ignore_errors=True)
    command = ["mvn", "--batch-mode", "--quiet", "--strict-checksums", "--file", str(PROJECT)]
    command += ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={making}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        raise CommandError(f"Maven had not fetched {NAME} after {FETCH_SECONDS} s: try again") from None
    if done.returncode:
        raise CommandError(f"Maven cannot fetch {NAME}: {(done.stdout + done.stderr).strip()[-1000:]}")
    making.rename(FILES)


@contextmanager
def running() -> Iterator[str]:
    """The engine, empty and in memory; where it listens. Raises CommandError where it does not."""
    port = _free_port()
    command = ["java", f"-Djava.library.path={FILES}", "-cp", f"{FILES}/*", str(LAUNCHER)]
    command += ["-inMemory", "-disableTelemetry", "-port", str(port)]
    log = FILES.with_suffix(".log")
    with log.open("w", encoding="utf-8") as said:
        engine = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        try:
            _wait(engine, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            engine.terminate()
            try:
                engine.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                engine.kill()
                engine.wait()


def _wait(engine: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and engine.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise CommandError(f"{NAME} does not listen after {START_SECONDS} s, or has ended: {log} says why")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
