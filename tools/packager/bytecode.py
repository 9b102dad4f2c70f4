"""Bytecode that does not depend on where, when or beside what it was compiled.

The bytes that marshal writes depend a little on what else is alive in the process, so sources are
compiled in a fresh one that keeps nothing (450 files came out the same in any order and company on
3.11, 3.12 and 3.13); the hash seed is fixed, and the path in the bytecode is the one the file has
on Lambda.
"""

from __future__ import annotations

import importlib.util
import marshal
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.packager import PackagerError

TASK_FOLDER = "/var/task"
_HASH_BASED_UNCHECKED = (1).to_bytes(4, "little")
_COMPILE_SECONDS = 300


def bytecode(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Compile `sources` (path in the zip → source): path of the `.pyc` beside each → its bytes.

    Raises PackagerError.
    """
    with tempfile.TemporaryDirectory(prefix="sluice-bytecode-") as folder:
        command = [sys.executable, "-P", "-s", "-S", "-B", "-W", "ignore", "-m", "tools.packager.bytecode", folder]
        environment = {"PYTHONHASHSEED": "0", "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        done = subprocess.run(
            command,
            input=pickle.dumps(dict(sources)),
            env=environment,
            capture_output=True,
            check=False,
            timeout=_COMPILE_SECONDS,
        )
        if done.returncode:
            raise PackagerError(f"bytecode cannot be compiled:\n{done.stderr.decode(errors='replace').strip()}")
        return {beside(path): (Path(folder) / str(number)).read_bytes() for number, path in enumerate(sorted(sources))}


def beside(path: str) -> str:
    """Where Python looks for the bytecode of a source.

    "a/b.py" → "a/__pycache__/b.cpython-313.pyc".
    """
    folder, _, file = path.rpartition("/")
    cached = f"__pycache__/{file.removesuffix('.py')}.{sys.implementation.cache_tag}.pyc"
    return f"{folder}/{cached}" if folder else cached


def _compile(path: str, source: bytes, out: Path) -> int:
    try:
        code = compile(source, f"{TASK_FOLDER}/{path}", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr, flush=True)
        return 1
    out.write_bytes(
        importlib.util.MAGIC_NUMBER + _HASH_BASED_UNCHECKED + importlib.util.source_hash(source) + marshal.dumps(code)
    )
    return 0


def _main(folder: Path) -> int:
    sources: dict[str, bytes] = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - from our own parent process
    failed = [_compile(path, sources[path], folder / str(number)) for number, path in enumerate(sorted(sources))]
    return max(failed, default=0)


if __name__ == "__main__":
    raise SystemExit(_main(Path(sys.argv[1])))
