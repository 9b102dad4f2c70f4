"""What AWS's own CloudFormation needs to make, read, change and end a resource: its registry's schemas name the actions.

`python -m tests.iam.handlers` takes them out of cfn-lint's package (MIT-0, downloaded with pip into a scratch folder and only read)
into `data/handlers.json`, for the resource types that the environments plan.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from devcloud.provider.schema_sources import PACKAGES
from devcloud.provider.schema_sources import resources as sources
from tests.support.plan import plan

FILE = Path(__file__).parent / "data" / "handlers.json"
DEPLOYED = ("dev", "staging", "prod")
HANDLERS = ("create", "read", "update", "delete")
# Types that are settings of another in CloudFormation, or that the stand-in provider's schema takes from elsewhere.
OTHERWISE = {
    "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy",
    "aws_sqs_queue_redrive": "AWS::SQS::Queue",
    "aws_s3_bucket": "AWS::S3::Bucket",
}


def types() -> dict[str, str]:
    """CloudFormation's type of each of Terraform's that a deployed environment plans."""
    planned = {one["type"] for name in DEPLOYED for one in plan(name)["resource_changes"] if one["mode"] == "managed"}
    known = sources()
    return {kind: _cloudformation(kind, known[kind][1]) for kind in sorted(planned - {"terraform_data"})}


def _cloudformation(kind: str, known: str) -> str:
    return known or next(name for start, name in OTHERWISE.items() if kind.startswith(start))


def read() -> dict[str, dict[str, list[str]]]:
    """Action → the handlers that need it ("SQS::Queue create"), by CloudFormation type and handler."""
    found: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text())["types"]
    return found


def main() -> None:
    """Write the file."""
    package = f"cfn-lint=={PACKAGES['cfn-lint']}"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, package], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            index = json.loads(archive.read("cfnlint/data/schemas/providers/us-east-1.json"))
            found = {}
            for name in sorted(set(types().values())):
                schema = json.loads(archive.read(f"cfnlint/data/schemas/resources/{index[name]}.json"))
                found[name] = {handler: sorted(schema["handlers"].get(handler, {}).get("permissions", [])) for handler in HANDLERS}
    FILE.write_text(json.dumps({"source": f"{package} (MIT-0): handlers of AWS's CloudFormation schemas", "types": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
