"""What a plan says: the rules by which AWS's provider turns a configuration and a prior state into a planned state.

They are its legacy rules (plans are marked `legacy_type_system`): a null with a default takes it, a null that AWS fills in is unknown at
creation and keeps its prior value later, zero values equal null, JSON texts compare parsed, sets have no order, and a plan in which
nothing changed is the prior state verbatim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devcloud.provider.schema import Block, Nested
from devcloud.provider.values import UNKNOWN, Value, has_unknown, is_zero, same

Moves = Callable[[set[str], Value], set[str]]


@dataclass(frozen=True)
class Plan:
    """`value` is the planned state, `replaces` the attributes that force a new resource."""

    value: Value
    replaces: list[str]


def plan(block: Block, config: Value, prior: Value | None, *, region: str, default_tags: dict[str, Any], moves: Moves) -> Plan:
    """Plan a resource's creation (`prior` None) or update.

    `moves` tells, from the names of the changed attributes and the planned value, which computed attributes change with them.
    """
    value = _fill(block, config, prior)
    if "region" in block.attributes and value["region"] in (None, UNKNOWN):
        value["region"] = region
    if "tags_all" in block.attributes:
        value["tags_all"] = _all_tags(value.get("tags"), default_tags)
    if prior is None:
        return Plan(value, [])
    changed = _changed(block, value, prior)
    if not changed:
        return Plan(prior, [])
    for name in moves(changed, value):
        if config.get(name) is None:
            value[name] = UNKNOWN
    return Plan(value, sorted(name for name in changed if name in block.attributes and block.attributes[name].replaces))


def _all_tags(tags: Any, default_tags: dict[str, Any]) -> Any:
    if tags is UNKNOWN:
        return UNKNOWN
    return {**default_tags, **(tags or {})}


def _changed(block: Block, value: Value, prior: Value) -> set[str]:
    changed = {name for name, attribute in block.attributes.items() if not same(value[name], prior.get(name), attribute.kind)}
    return changed | {name for name, nested in block.blocks.items() if not _same_blocks(nested, value[name], prior.get(name))}


def _same_blocks(nested: Nested, value: Any, prior: Any) -> bool:
    if value is UNKNOWN or is_zero(value) or is_zero(prior):
        return is_zero(value) and is_zero(prior) and value is not UNKNOWN
    if nested.nesting == "single":
        return not _changed(nested.block, value, prior)
    if len(value) != len(prior):
        return False
    if nested.nesting == "list":
        return not any(_changed(nested.block, item, old) for item, old in zip(value, prior, strict=True))
    left = list(prior)
    for item in value:
        match = next((i for i, old in enumerate(left) if not _changed(nested.block, item, old)), None)
        if match is None:
            return False
        del left[match]
    return True


def _fill(block: Block, config: Value, prior: Value | None) -> Value:
    """The planned value of one block: the configuration, with defaults and prior values where it says nothing."""
    value: Value = {}
    for name, attribute in block.attributes.items():
        given, old = config.get(name), (prior or {}).get(name)
        if given is None and attribute.default is not None:
            value[name] = attribute.default
        elif given is None and attribute.computed:
            value[name] = UNKNOWN if prior is None else old
        elif prior is not None and (same(given, old, attribute.kind) or (is_zero(given) and is_zero(old))):
            value[name] = old
        else:
            value[name] = given
    for name, nested in block.blocks.items():
        value[name] = _fill_blocks(nested, config.get(name), (prior or {}).get(name))
    return value


def _fill_blocks(nested: Nested, config: Any, prior: Any) -> Any:
    if config is UNKNOWN:
        return UNKNOWN
    if nested.nesting == "single":
        return _fill(nested.block, config, prior) if config is not None else None
    if nested.nesting == "list":
        olds = prior or []
        return [_fill(nested.block, item, olds[i] if i < len(olds) else None) for i, item in enumerate(config or [])]
    return [_fill(nested.block, item, _match(nested.block, item, prior or [])) for item in config or []]


def _match(block: Block, item: Value, olds: list[Value]) -> Value | None:
    """The prior element of a set that an element of the configuration stands for: equal in all that the configuration sets."""
    for old in olds:
        if not _changed(block, _fill(block, item, old), old):
            return old
    return None


def settle(block: Block, planned: Value, learned: Value) -> Value:
    """A planned value after its apply: what was unknown is taken from what was learned, and null where nothing was."""
    value: Value = {}
    for name in block.attributes:
        value[name] = _known(learned.get(name) if planned[name] is UNKNOWN else planned[name])
    for name, nested in block.blocks.items():
        given = planned[name]
        if given is UNKNOWN:
            value[name] = learned.get(name) or (None if nested.nesting == "single" else [])
        elif nested.nesting == "single":
            value[name] = settle(nested.block, given, learned.get(name) or {}) if given is not None else None
        else:
            olds = learned.get(name) or []
            value[name] = [settle(nested.block, item, olds[i] if i < len(olds) else {}) for i, item in enumerate(given)]
    return value


def _known(value: Any) -> Any:
    """Terraform resolves what the configuration says before an apply; an unknown left inside it was computed, so it is dropped."""
    if value is UNKNOWN:
        return None
    if not has_unknown(value):
        return value
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items() if item is not UNKNOWN}
    return [_known(item) for item in value if item is not UNKNOWN]


def refresh(block: Block, prior: Value, learned: Value) -> Value:
    """The state after a read: what AWS says, wherever the state had a value, or the schema computes or defaults one."""
    value = dict(prior)
    for name, found in learned.items():
        attribute = block.attributes.get(name)
        old = prior.get(name)
        if attribute is None:
            if not is_zero(old) and not _same_blocks(block.blocks[name], found, old):
                value[name] = found
        elif old is not None or attribute.computed or "r" in attribute.flags or attribute.default is not None:
            value[name] = old if same(found, old, attribute.kind) or (is_zero(found) and is_zero(old)) else found
    return value
