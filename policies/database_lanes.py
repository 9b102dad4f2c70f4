"""CKV_SLUICE_19: a burst in a queue is no burst of connections to a database."""

import re
from collections.abc import Iterator

from sluice_pipeline.plan import NotConcerned, NotYetKnown, Plan, Resource
from sluice_pipeline.queues import FUNCTION, QUEUE, consumer, mappings
from sluice_pipeline.rule import Rule

CONFIG = "aws_lambda_function_recursion_config"
# how a function's variables are named that lead to a database
DATABASE = re.compile(r"(^|_)(DATABASE|DB|JDBC|MYSQL|PGHOST|POSTGRES|POSTGRESQL|RDS)(_|$)")
TAG, OUTSIDE = "database", "outside"  # says that the way there is meant to be by no network of one's own
BATCH = 10  # that Lambda takes where nobody says


class DatabaseLanes(Rule):
    def __init__(self) -> None:
        super().__init__(19, "A consumer that speaks to a database is a lane", [FUNCTION])

    def problems(self, plan: Plan, resource: Resource) -> Iterator[str]:
        consumed = [mapping for mapping in mappings(plan) if _is_of(plan, mapping, resource)]
        if not consumed:
            raise NotConcerned
        if not _speaks(resource):
            return
        for mapping in consumed:
            if not _is_fifo(plan, mapping):
                yield (
                    f"Let {mapping.address} read a FIFO queue, a message group for each connection that the database "
                    "can spare: the least maximum concurrency is 2, and a standard queue knows no other limit."
                )
            if (size := mapping.get("batch_size", BATCH)) != 1:
                yield f"Set batch_size = 1 of {mapping.address}, not {size}: one message is one run of one lane."
        if not any(config.get("recursive_loop") for config in plan.about(resource, CONFIG, "function_name")):
            yield (
                f"Add an {CONFIG}: a lane that asks for its next run is a loop (Allow), and one that does not says so "
                "(Terminate)."
            )
        if not _is_in_network(resource):
            yield f'Give it a vpc_config, or tag it {TAG} = "{OUTSIDE}" where it is meant to go by the internet.'


def _is_of(plan: Plan, mapping: Resource, function: Resource) -> bool:
    try:
        return consumer(plan, mapping) == function
    except NotYetKnown:
        return False


def _speaks(function: Resource) -> bool:
    """Whether a variable leads to a database; one whose value the apply makes has a name before."""
    names: set[str] = set()
    for blocks in (function.values.get("environment"), function.unknown.get("environment")):
        if blocks is True:
            raise NotYetKnown(f"environment of {function.address} is not known before apply")
        for block in blocks or ():
            variables = block.get("variables") or {}
            if variables is True:
                raise NotYetKnown(f"environment of {function.address} is not known before apply")
            names.update(variables)
    return any(DATABASE.search(name) for name in names)


def _is_fifo(plan: Plan, mapping: Resource) -> bool:
    if str(mapping.values.get("event_source_arn") or "").endswith(".fifo"):
        return True
    try:
        return bool(plan.named(mapping, "event_source_arn", QUEUE).get("fifo_queue"))
    except NotYetKnown:
        if mapping.values.get("event_source_arn"):  # a queue of another configuration says so in its name
            return False
        raise


def _is_in_network(function: Resource) -> bool:
    if (function.values.get("tags") or {}).get(TAG) == OUTSIDE:
        return True
    return any(block.get("subnet_ids") for block in function.values.get("vpc_config") or ())


check = DatabaseLanes()
