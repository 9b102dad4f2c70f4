"""The rules by which AWS's provider turns a configuration and a prior state into a planned state.

They are its legacy rules (plans are marked `legacy_type_system`): a null with a default takes it, a
null that AWS fills in is unknown at creation and keeps its prior value later, zero values equal
null, JSON texts compare parsed, sets have no order, and a plan in which nothing changed is the
prior state verbatim.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from tools.offline_provider.schema import Attribute, Block, NestedBlock
from tools.offline_provider.values import UNKNOWN, Value, has_unknown, is_zero, same

AffectedBy = Callable[[set[str], Value], set[str]]
"""From the names of changed attributes and the planned value: the computed attributes that change
with them."""


@dataclass(frozen=True)
class Plan:
    """`value` is the planned state, `replaces` the attributes that force a new resource."""

    value: Value
    replaces: list[str]


def plan(
    block: Block,
    config: Value,
    prior: Value | None,
    *,
    region: str,
    default_tags: dict[str, Any],
    affected_by: AffectedBy,
) -> Plan:
    """Plan a resource's creation (`prior` None) or update."""
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
    for name in affected_by(changed, value):
        if config.get(name) is None:
            value[name] = UNKNOWN
    replacing = {name for name, attribute in block.attributes.items() if attribute.replaces}
    return Plan(value, sorted(changed & replacing))


def _all_tags(tags: Any, default_tags: dict[str, Any]) -> Any:
    if tags is UNKNOWN:
        return UNKNOWN
    return {**default_tags, **(tags or {})}


def _changed(block: Block, value: Value, prior: Value) -> set[str]:
    attributes, blocks = block.attributes.items(), block.blocks.items()
    changed = {name for name, attribute in attributes if not same(value[name], prior.get(name), attribute.kind)}
    return changed | {name for name, nested in blocks if not _same_blocks(nested, value[name], prior.get(name))}


def _same_blocks(nested: NestedBlock, value: Any, prior: Any) -> bool:
    if value is UNKNOWN or is_zero(value) or is_zero(prior):
        return is_zero(value) and is_zero(prior) and value is not UNKNOWN
    if nested.nesting == "single":
        return not _changed(nested.block, value, prior)
    if len(value) != len(prior):
        return False
    if nested.nesting == "list":
        return not any(_changed(nested.block, item, old) for item, old in zip(value, prior, strict=True))
    unmatched = list(prior)
    for item in value:
        index = next((i for i, old in enumerate(unmatched) if not _changed(nested.block, item, old)), None)
        if index is None:
            return False
        del unmatched[index]
    return True


def _fill(block: Block, config: Value, prior: Value | None) -> Value:
    """The planned value of one block.

    It is the configuration, with defaults and prior values where that says nothing.
    """
    value: Value = {}
    for name, attribute in block.attributes.items():
        configured, old = config.get(name), (prior or {}).get(name)
        if configured is None and attribute.default is not None:
            value[name] = attribute.default
        elif configured is None and attribute.computed:
            value[name] = UNKNOWN if prior is None else old
        elif prior is not None and _equal(configured, old, attribute):
            value[name] = old
        else:
            value[name] = configured
    for name, nested in block.blocks.items():
        value[name] = _fill_blocks(nested, config.get(name), (prior or {}).get(name))
    return value


def _equal(value: Any, old: Any, attribute: Attribute) -> bool:
    return same(value, old, attribute.kind) or (is_zero(value) and is_zero(old))


def _fill_blocks(nested: NestedBlock, config: Any, prior: Any) -> Any:
    if config is UNKNOWN:
        return UNKNOWN
    if nested.nesting == "single":
        return _fill(nested.block, config, prior) if config is not None else None
    if nested.nesting == "list":
        return [_fill(nested.block, item, old) for item, old in _by_position(config or [], prior or [])]
    return [_fill(nested.block, item, _match(nested.block, item, prior or [])) for item in config or []]


def _by_position(items: list[Value], others: list[Value]) -> Iterator[tuple[Value, Value | None]]:
    """Each item with what the other list has in its position, or None."""
    return zip_longest(items, others[: len(items)])


def _match(block: Block, item: Value, olds: list[Value]) -> Value | None:
    """The prior element of a set that equals an element in all that the configuration sets."""
    for old in olds:
        if not _changed(block, _fill(block, item, old), old):
            return old
    return None


def resolve_unknown(block: Block, planned: Value, learned: Value) -> Value:
    """A planned value after its apply.

    What was unknown is taken from what was learned, and null where nothing was.
    """
    value: Value = {}
    for name in block.attributes:
        value[name] = _without_unknown(learned.get(name) if planned[name] is UNKNOWN else planned[name])
    for name, nested in block.blocks.items():
        value[name] = _resolve_blocks(nested, planned[name], learned.get(name))
    return value


def _resolve_blocks(nested: NestedBlock, planned: Any, learned: Any) -> Any:
    if planned is UNKNOWN:
        return learned or nested.empty
    if nested.nesting == "single":
        return resolve_unknown(nested.block, planned, learned or {}) if planned is not None else None
    return [resolve_unknown(nested.block, item, known or {}) for item, known in _by_position(planned, learned or [])]


def _without_unknown(value: Any) -> Any:
    """A value without what is unknown inside it.

    Terraform resolves what the configuration says before an apply, so that was computed.
    """
    if value is UNKNOWN:
        return None
    if not has_unknown(value):
        return value
    if isinstance(value, dict):
        return {key: _without_unknown(item) for key, item in value.items() if item is not UNKNOWN}
    return [_without_unknown(item) for item in value if item is not UNKNOWN]


def refresh(block: Block, prior: Value, learned: Value) -> Value:
    """The state after a read.

    It is what AWS says, wherever the state had a value, or the schema computes or defaults one.
    """
    value = dict(prior)
    for name, current in learned.items():
        attribute = block.attributes.get(name)
        old = prior.get(name)
        if attribute is None:
            if not is_zero(old) and not _same_blocks(block.blocks[name], current, old):
                value[name] = current
        elif old is not None or attribute.computed or "r" in attribute.flags or attribute.default is not None:
            value[name] = old if _equal(current, old, attribute) else current
    return value
