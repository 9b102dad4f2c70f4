"""Generate the protocol's stubs: `python -m tools.offline_provider.generate_stubs`.

`protocol/tfplugin6.proto` is HashiCorp's, unchanged (NOTICE says from where). grpcio-tools, which
only `make test` and `make check` install, writes the messages; `server.py` offers the service.
"""

import subprocess
import sys
from pathlib import Path

from tools.common.paths import ROOT

PROTOCOL = Path(__file__).parent / "protocol" / "tfplugin6.proto"


def generate(root: Path = ROOT) -> list[Path]:
    """Write the stubs under another root, at the `.proto`'s own path; return the files."""
    source = PROTOCOL.relative_to(ROOT)
    options = [f"--proto_path={ROOT}", f"--python_out={root}", f"--pyi_out={root}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *options, str(source)], check=True)
    stub = root / source.with_name(f"{source.stem}_pb2.py")
    return [stub, stub.with_suffix(".pyi")]


if __name__ == "__main__":
    for path in generate():
        print(path)
