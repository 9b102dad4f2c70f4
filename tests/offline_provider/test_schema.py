"""The committed schema, its overlay, and how the generator reads a package."""

import json
from collections.abc import Iterator

import pytest

from tools.offline_provider import schema
from tools.offline_provider.cdktn_type import CdktnType
from tools.offline_provider.resources import REAL
from tools.offline_provider.schema import Block
from tools.offline_provider.schema_sources import resources

JS = """
class AwsThing extends cdktn.TerraformResource {
    constructor(scope, id, config) {
        // seen - computed: true, optional: false, required: false
        this._seen = new AwsThing.SeenPropertyList(this, "seen", true);
    }
    // arn - computed: true, optional: false, required: false
    get arn() {
        return this.getStringAttribute('arn');
    }
    synthesizeHclAttributes() {
        const attrs = {
            name: {
                value: cdktn.stringToHclTerraform(this._name),
                isBlock: false,
                type: "simple",
                storageClassType: "string",
            },
            zones: {
                value: cdktn.listMapperHcl(cdktn.stringToHclTerraform, false)(this._zones),
                isBlock: false,
                type: "set",
                storageClassType: "stringList",
            },
            rule: {
                value: awsThingRulePropertyToHclTerraform(this._rule.internalValue),
                isBlock: true,
                type: "list",
                storageClassType: "AwsThing.RulePropertyList",
            },
        };
    }
}
function awsThingRulePropertyToHclTerraform(struct) {
    const attrs = {
        days: {
            value: cdktn.numberToHclTerraform(struct.days),
            isBlock: false,
            type: "simple",
            storageClassType: "number",
        },
    };
}
(function (AwsThing) {
    class SeenPropertyOutputReference extends cdktn.ComplexObject {
        // at - computed: true, optional: false, required: false
        get at() {
            return this.getNumberAttribute('at');
        }
    }
})
"""
DECLARATIONS = """
export interface AwsThingConfig extends cdktn.TerraformMetaArguments {
    readonly name: string;
    readonly zones?: string[];
    readonly rule: AwsThing.RuleProperty;
}
export declare function awsThingRulePropertyToHclTerraform(\
struct?: AwsThing.RulePropertyOutputReference | AwsThing.RuleProperty): any;
export declare namespace AwsThing {
    interface RuleProperty {
        readonly days: number;
    }
}
"""


def test_a_package_is_read_into_attributes_and_blocks() -> None:
    assert CdktnType(JS, DECLARATIONS).block() == {
        "attributes": {
            "name": ["r", "string"],
            "zones": ["o", ["set", "string"]],
            "seen": ["c", ["set", ["object", {"at": "number"}]]],
            "arn": ["c", "string"],
        },
        "blocks": {"rule": ["list", 1, 1, {"attributes": {"days": ["r", "number"]}, "blocks": {}}]},
    }


def every_block(block: Block) -> Iterator[Block]:
    yield block
    for nested in block.blocks.values():
        yield from every_block(nested.block)


def test_the_schema_covers_what_its_sources_list_and_every_real_type() -> None:
    loaded = schema.load()
    assert loaded.resources.keys() == resources().keys()
    assert REAL.keys() <= loaded.resources.keys()


def test_every_flag_makes_sense() -> None:
    loaded = schema.load()
    for top in [loaded.provider, *loaded.resources.values(), *loaded.data.values()]:
        for block in every_block(top):
            for name, attribute in block.attributes.items():
                assert attribute.flags.strip("sf") in ("r", "o", "c", "oc"), name
                assert attribute.default is None or attribute.flags.startswith("o"), name


@pytest.mark.parametrize(
    ("path", "attribute", "flags"),
    [
        ("aws_sqs_queue", "fifo_queue", "of"),
        ("aws_dynamodb_table", "hash_key", "ocf"),
        ("aws_dynamodb_table.warm_throughput", "read_units_per_second", "oc"),
        ("aws_secretsmanager_secret_version", "secret_string", "osf"),
        ("aws_lambda_function", "invoke_arn", "c"),
    ],
)
def test_known_facts(path: str, attribute: str, flags: str) -> None:
    name, *inner = path.split(".")
    block = schema.load().resources[name]
    for step in inner:
        block = block.blocks[step].block
    assert set(block.attributes[attribute].flags) == set(flags)


def test_the_data_holds_no_descriptions_and_is_small() -> None:
    text = (schema.DATA / "schema.json").read_text()
    assert len(text) < 120_000
    assert "description" not in {key for key in json.loads(text) if isinstance(key, str)}
    assert max(len(word) for word in text.split('"')) < 100
