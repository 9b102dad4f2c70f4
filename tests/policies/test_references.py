"""What a value that is not known before apply refers to, through modules, as the rules of policies/
see it.
"""

from __future__ import annotations

import pytest

from policies.sluice_pipeline.plan import NotYetKnown, Plan, Resource
from tests.support.plan import plan, workspace

QUEUE = """
resource "aws_sqs_queue" "this" { name_prefix = "work" }
resource "aws_sqs_queue" "dead" { name_prefix = "dead" }
output "arn" { value = aws_sqs_queue.this.arn }
output "both" { value = [aws_sqs_queue.this.arn, aws_sqs_queue.dead.arn] }
"""
CONSUMER = """
variable "queue" { default = null }
variable "arn" { default = null }
variable "queues" { default = {} }
resource "aws_lambda_event_source_mapping" "by_object" {
  event_source_arn = var.queue.arn
  function_name    = "work:live"
}
resource "aws_lambda_event_source_mapping" "by_arn" {
  event_source_arn = var.arn
  function_name    = "work:live"
}
resource "aws_lambda_event_source_mapping" "by_key" {
  for_each         = var.queues
  event_source_arn = each.value.arn
  function_name    = "work:live"
}
resource "aws_lambda_event_source_mapping" "by_both" {
  event_source_arn = join("", var.queue.both)
  function_name    = "work:live"
}
"""
ROOT = """
provider "aws" { region = "us-east-1" }
module "queue" { source = "./queue" }
module "other" { source = "./queue" }
module "consumer" {
  source = "./consumer"
  queue  = module.queue
  arn    = module.other.arn
  queues = { first = module.queue }
}
"""


@pytest.fixture(scope="module")
def planned() -> Plan:
    folder = workspace() / "references"
    for path, text in {"main.tf": ROOT, "queue/main.tf": QUEUE, "consumer/main.tf": CONSUMER}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(
            'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n' + text
        )
    return Plan(plan(folder))


def _source(planned: Plan, name: str) -> Resource:
    mapping = planned.resources[f"module.consumer.aws_lambda_event_source_mapping.{name}"]
    return planned.named(mapping, "event_source_arn", "aws_sqs_queue")


@pytest.mark.parametrize(
    ("name", "module"), [("by_object", "queue"), ("by_arn", "other"), ('by_key["first"]', "queue")]
)
def test_leads_through_variables_and_outputs(planned: Plan, name: str, module: str) -> None:
    assert _source(planned, name).address == f"module.{module}.aws_sqs_queue.this"


def test_two_are_not_one(planned: Plan) -> None:
    with pytest.raises(NotYetKnown, match=r"event_source_arn of module.consumer.*by_both is not known before apply"):
        _source(planned, "by_both")


def test_what_nobody_sets_is_not_unknown(planned: Plan) -> None:
    queue = planned.resources["module.queue.aws_sqs_queue.this"]
    assert queue.unknown["redrive_policy"] is True
    assert queue.get("redrive_policy") is None
