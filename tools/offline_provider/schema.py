"""The schema served to Terraform: `data/schema.json`, mended by hand in `data/overlay.json`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tools.offline_provider.protocol import tfplugin6_pb2 as pb

DATA = Path(__file__).parent / "data"
_NESTING = {
    "list": pb.Schema.NestedBlock.LIST,
    "set": pb.Schema.NestedBlock.SET,
    "single": pb.Schema.NestedBlock.SINGLE,
}


@dataclass(frozen=True)
class Attribute:
    """One attribute; `kind` is Terraform's type.

    `flags`: r required, o optional, c computed, s sensitive, f forces a replacement.
    """

    flags: str
    kind: Any
    default: Any = None

    @property
    def computed(self) -> bool:
        """Whether AWS fills it in."""
        return "c" in self.flags

    @property
    def replaces(self) -> bool:
        """Whether a change of it forces a new resource."""
        return "f" in self.flags


@dataclass(frozen=True)
class NestedBlock:
    """A block type inside a block. `nesting` is list, set or single."""

    nesting: str
    min_items: int
    max_items: int
    block: "Block"

    @property
    def empty(self) -> list[Any] | None:
        """The value when there is no such block."""
        return None if self.nesting == "single" else []


@dataclass
class Block:
    """A block's attributes and the blocks inside it, by name."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: dict[str, NestedBlock] = field(default_factory=dict)


@dataclass(frozen=True)
class Schemas:
    """The provider block and all types, by name."""

    provider: Block
    resources: dict[str, Block]
    data: dict[str, Block]


@cache
def load() -> Schemas:
    """Read and mend the schema.

    Raises KeyError when the overlay names something that the generated schema lacks.
    """
    raw = json.loads((DATA / "schema.json").read_text())
    overlay = json.loads((DATA / "overlay.json").read_text())
    resources = {name: _block(block) for name, block in raw["resources"].items()}
    data = {name: _block(block) for name, block in raw["data"].items()}
    for path, nested in overlay["blocks"].items():
        parent, name = path.rsplit(".", 1)
        del (owner := _find(resources, parent)).attributes[name]
        owner.blocks.update(_block({"attributes": {}, "blocks": {name: nested}}).blocks)
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
    blocks = {
        name: NestedBlock(nesting, least, most, _block(inner))
        for name, (nesting, least, most, inner) in raw["blocks"].items()
    }
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


def to_message(block: Block) -> pb.Schema:
    """A block as the protocol's message."""
    content = pb.Schema.Block(attributes=list(_attributes(block)), block_types=list(_nested(block)))
    return pb.Schema(version=0, block=content)


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
            block=to_message(nested.block).block,
            nesting=_NESTING[nested.nesting],
            min_items=nested.min_items,
            max_items=nested.max_items,
        )
