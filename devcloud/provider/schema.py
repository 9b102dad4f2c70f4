"""The schema served to Terraform: `data/schema.json` (generated) mended by `data/overlay.json` (by hand)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tf.gen import tfplugin_pb2 as pb

DATA = Path(__file__).parent / "data"
_NESTING = {"list": pb.Schema.NestedBlock.LIST, "set": pb.Schema.NestedBlock.SET, "single": pb.Schema.NestedBlock.SINGLE}


@dataclass(frozen=True)
class Attribute:
    """One attribute: `flags` of r required, o optional, c computed, s sensitive, f forces a replacement; `kind` is Terraform's type."""

    flags: str
    kind: Any
    default: Any = None

    @property
    def computed(self) -> bool:
        return "c" in self.flags

    @property
    def replaces(self) -> bool:
        return "f" in self.flags


@dataclass(frozen=True)
class Nested:
    """A block type inside a block. `nesting` is list, set or single."""

    nesting: str
    min_items: int
    max_items: int
    block: "Block"


@dataclass
class Block:
    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: dict[str, Nested] = field(default_factory=dict)


@dataclass(frozen=True)
class Schemas:
    provider: Block
    resources: dict[str, Block]
    data: dict[str, Block]


@cache
def load() -> Schemas:
    """Read and mend the schema. Raises KeyError when the overlay names something that the generated schema lacks."""
    raw = json.loads((DATA / "schema.json").read_text())
    overlay = json.loads((DATA / "overlay.json").read_text())
    resources = {name: _block(block) for name, block in raw["resources"].items()}
    data = {name: _block(block) for name, block in raw["data"].items()}
    for blocks, part in ((resources, "flags"), (data, "data_flags")):
        for path, flags in overlay[part].items():
            for flag, names in flags.items():
                _set(_find(blocks, path), names.split(), flags=flag)
    for path, most in overlay["max_items"].items():
        parent, name = path.rsplit(".", 1)
        owner = _find(resources, parent)
        owner.blocks[name] = replace(owner.blocks[name], max_items=most)
    for name, attributes in overlay["replace"].items():
        for attribute in attributes.split():
            _set(resources[name], [attribute], flags=resources[name].attributes[attribute].flags + "f")
    for name, defaults in overlay["defaults"].items():
        for attribute, default in defaults.items():
            _set(resources[name], [attribute], default=default)
    return Schemas(_block(raw["provider"]), resources, data)


def _block(raw: dict[str, Any]) -> Block:
    attributes = {name: Attribute(flags, kind) for name, (flags, kind) in raw["attributes"].items()}
    blocks = {name: Nested(nesting, least, most, _block(inner)) for name, (nesting, least, most, inner) in raw["blocks"].items()}
    return Block(attributes, blocks)


def _find(blocks: dict[str, Block], path: str) -> Block:
    name, *inner = path.split(".")
    block = blocks[name]
    for step in inner:
        block = block.blocks[step].block
    return block


def _set(block: Block, names: list[str], **changes: Any) -> None:
    for name in names:
        block.attributes[name] = replace(block.attributes[name], **changes)


def message(block: Block) -> pb.Schema:
    """A block as the protocol's message."""
    return pb.Schema(version=0, block=pb.Schema.Block(attributes=list(_attributes(block)), block_types=list(_nested(block))))


def _attributes(block: Block) -> Iterator[pb.Schema.Attribute]:
    for name, attribute in sorted(block.attributes.items()):
        flags = attribute.flags
        yield pb.Schema.Attribute(
            name=name,
            type=json.dumps(attribute.kind).encode(),
            required="r" in flags,
            optional="o" in flags,
            computed="c" in flags,
            sensitive="s" in flags,
        )


def _nested(block: Block) -> Iterator[pb.Schema.NestedBlock]:
    for name, nested in sorted(block.blocks.items()):
        yield pb.Schema.NestedBlock(
            type_name=name,
            block=message(nested.block).block,
            nesting=_NESTING[nested.nesting],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
