"""The deployed stack on this machine: packages, emulator, and `terraform apply` of environments/local through the attached provider."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from devcloud import emulator, faults, terraform
from devcloud.runs import BUILD, ROOT, LocalCloudError, Run
from devcloud.staging import staged

Say = Callable[[str], None]


def up(run: Run, say: Say, *, port: int | None = None, changed: Mapping[str, Any] | None = None) -> None:
    """Bring a run up, or up to date where it is up already, and write its outputs.json. Raises LocalCloudError.

    `changed`: local values of environments/local that this run has otherwise, by name.
    """
    say("packages for this machine")
    variables = package("local")
    if not emulator.alive(run):  # what an emulator held went with it
        for left in (run.folder / "terraform.tfstate", run.folder / "terraform.tfstate.backup", run.outputs_file):
            left.unlink(missing_ok=True)
    say("emulator")
    endpoint = emulator.start(run, port=port)["endpoint"]
    say("terraform apply of environments/local")
    apply(run, endpoint, variables, changed or {})


def apply(run: Run, endpoint: str, variables: Path, changed: Mapping[str, Any]) -> None:
    """Apply environments/local to the emulator of a run and write outputs.json."""
    from devcloud.provider import serve

    copy = staged(ROOT / "environments" / "local", run.folder, changed)
    with serve(endpoint) as reattach:
        extra = {"AWS_ENDPOINT_URL": endpoint}
        terraform.run(["init", "-input=false"], copy, reattach, extra=extra)
        terraform.run(["apply", "-input=false", "-auto-approve", f"-var-file={variables}"], copy, reattach, extra=extra)
        outputs = terraform.run(["output", "-json"], copy, reattach, extra=extra).stdout
    run.outputs_file.write_text(outputs)


def down(run: Run) -> bool:
    """Stop what `up` started; False when nothing ran. All that the emulator held is gone with it."""
    faults.stop(run)
    stopped = emulator.stop(run)
    for left in (run.outputs_file, run.folder / "terraform.tfstate", run.folder / "terraform.tfstate.backup"):
        left.unlink(missing_ok=True)
    return stopped


def package(target: str) -> Path:
    """Build the functions' zips for "local" or "lambda" and return the variables file that names them."""
    done = subprocess.run(
        [sys.executable, "-m", "packager", "--target", target], cwd=ROOT, capture_output=True, text=True, check=False, timeout=600
    )
    if done.returncode:
        raise LocalCloudError(f"the packages for {target} were not built:\n{done.stdout}{done.stderr}")
    return BUILD / "packages" / target / "packages.tfvars.json"
