"""The rules that turn a configuration and a prior state into a plan."""

from typing import Any

from tools.offline_provider.plan import Plan, plan, refresh, resolve_unknown
from tools.offline_provider.schema import Attribute, Block, NestedBlock
from tools.offline_provider.values import UNKNOWN, Value

RULE = Block({"key": Attribute("r", "string"), "rank": Attribute("oc", "number")})
THING = Block(
    {
        "name": Attribute("ocf", "string"),
        "size": Attribute("o", "number", default=128),
        "note": Attribute("o", "string"),
        "policy": Attribute("o", "string"),
        "arn": Attribute("c", "string"),
        "modified": Attribute("c", "string"),
        "region": Attribute("ocf", "string"),
        "tags": Attribute("o", ["map", "string"]),
        "tags_all": Attribute("oc", ["map", "string"]),
    },
    {
        "rule": NestedBlock("set", 0, 0, RULE),
        "step": NestedBlock("list", 0, 0, RULE),
        "timeouts": NestedBlock("single", 0, 0, RULE),
    },
)
STATE: Value = {
    "name": "n",
    "size": 128,
    "note": None,
    "policy": '{"a":1}',
    "arn": "arn:n",
    "modified": "then",
    "region": "us-east-1",
    "tags": None,
    "tags_all": {"project": "test"},
    "rule": [{"key": "a", "rank": 1}, {"key": "b", "rank": 2}],
    "step": [{"key": "s", "rank": 7}],
    "timeouts": None,
}


def config(**attributes: Any) -> Value:
    empty: Value = dict.fromkeys(THING.attributes) | {"rule": [], "step": [], "timeouts": None}
    return {**empty, "name": "n", "policy": '{"a": 1}', **attributes}


def blocks(*keys: str) -> list[Value]:
    return [{"key": key, "rank": None} for key in keys]


def planned(configuration: Value, prior: Value | None) -> Plan:
    def affected_by(changed: set[str], _value: Value) -> set[str]:
        return {"modified"} if changed & {"size", "note"} else set()

    tags = {"project": "test"}
    return plan(THING, configuration, prior, region="us-east-1", default_tags=tags, affected_by=affected_by)


def test_creation_takes_defaults_and_leaves_to_aws_what_aws_says() -> None:
    value = planned(config(tags={"a": "b"}, rule=blocks("a")), None).value
    assert value["size"] == 128
    assert value["arn"] is UNKNOWN
    assert value["note"] is None
    assert value["region"] == "us-east-1"
    assert value["tags_all"] == {"project": "test", "a": "b"}
    assert value["rule"] == [{"key": "a", "rank": UNKNOWN}]


def test_tags_that_are_unknown_make_all_tags_unknown() -> None:
    assert planned(config(tags=UNKNOWN), None).value["tags_all"] is UNKNOWN


def test_nothing_changed_is_the_prior_state_verbatim() -> None:
    same = config(policy='{ "a" : 1 }', note="", rule=blocks("b", "a"), step=blocks("s"))
    assert planned(same, STATE) == Plan(STATE, [])


def test_a_change_keeps_what_it_does_not_affect() -> None:
    made = planned(config(size=256, rule=blocks("a", "b"), step=blocks("s")), STATE)
    assert made.value == {**STATE, "size": 256, "modified": UNKNOWN, "policy": '{"a":1}'}
    assert made.replaces == []


def test_a_name_of_its_own_or_another_region_is_another_thing() -> None:
    same = {"rule": blocks("a", "b"), "step": blocks("s")}
    assert planned(config(name="other", **same), STATE).replaces == ["name"]
    assert planned(config(name=UNKNOWN, **same), STATE).replaces == ["name"]
    assert planned(config(region="eu-west-1", **same), STATE).replaces == ["region"]
    assert planned(config(name=None, **same), STATE).replaces == []


def test_an_element_of_a_set_that_is_new_asks_aws_again() -> None:
    made = planned(config(rule=blocks("a", "c"), step=blocks("s")), STATE)
    assert made.value["rule"] == [{"key": "a", "rank": 1}, {"key": "c", "rank": UNKNOWN}]


def test_a_block_taken_away_is_a_change() -> None:
    assert planned(config(rule=blocks("a", "b")), STATE).value["step"] == []


def test_a_dynamic_block_may_be_unknown_as_a_whole() -> None:
    assert planned(config(rule=UNKNOWN, step=blocks("s")), STATE).value["rule"] is UNKNOWN


def test_an_apply_takes_from_aws_only_what_was_unknown() -> None:
    value = planned(config(rule=blocks("a")), None).value
    applied = resolve_unknown(THING, value, {"name": "no", "arn": "arn:n", "rule": [{"key": "z", "rank": 5}]})
    assert applied["name"] == "n"
    assert applied["arn"] == "arn:n"
    assert applied["modified"] is None
    assert applied["rule"] == [{"key": "a", "rank": 5}]


def test_a_read_shows_drift_but_not_what_was_never_set() -> None:
    value = refresh(
        THING, STATE, {"size": 5, "note": "set by hand", "policy": '{"a": 1}', "step": [{"key": "t", "rank": 7}]}
    )
    assert value["size"] == 5
    assert value["note"] is None
    assert value["policy"] == '{"a":1}'
    assert value["step"] == [{"key": "t", "rank": 7}]
