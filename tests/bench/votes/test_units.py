"""What models reckon with beside what the handlers take in the bench: the same, by rate."""

from dataclasses import replace

import pytest

from tools.bench.votes import figures, load, units
from tools.bench.votes.contenders import Sizing, sluice
from tools.bench.votes.sizing import sizing
from tools.bench.votes.storage import OF_AN_ITEM
from tools.bench.votes.world import CountedRun, Shape, deployed, run
from tools.simulation.aws.values import size_of_item
from votes import aspects

BALLOTS = 300
# a ballot, by ballots a second; what the heads' own row took was 0.1 to 0.9 of it (ADR 0038)
MOST_WRITES = {10: 3.0, 100: 2.1}


@pytest.fixture(scope="module")
def prod() -> Sizing:
    """Prod's sizing, as Terraform plans it."""
    return sizing("prod")


@pytest.fixture(scope="module", params=[10])
def at_rate(prod: Sizing, request: pytest.FixtureRequest) -> tuple[int, CountedRun]:
    """The shipped handlers at so many ballots a second, over a slot or more."""
    rate: int = request.param
    return rate, figures.rates(prod, [rate], BALLOTS)[rate]


def of_table(done: CountedRun, unit: str, table: str) -> float:
    """Units a ballot of one table."""
    return sum(n for (_, name), n in done.meter.units.items() if name.endswith(table) and unit in name) / done.items


def test_a_ballot_takes_no_more_than_so_many_writes(at_rate: tuple[int, CountedRun], prod: Sizing) -> None:
    rate, done = at_rate
    assert done.each("write_units") <= MOST_WRITES[rate]
    assert figures.rates(prod, [100], 1000)[100].each("write_units") <= MOST_WRITES[100]


def test_writes_are_those_of_the_handlers(at_rate: tuple[int, CountedRun], prod: Sizing) -> None:
    rate, done = at_rate
    assert of_table(done, "write", "-votes") == pytest.approx(units.CHANGED, rel=0.02)
    messages = min(prod.mappings["process"].batch_at(rate), int(prod.variables["write"]["SHARDS"]))
    a_message = prod.mappings["process"].batch_at(rate) / messages
    assert of_table(done, "write", "-journal") == pytest.approx(units.append_writes(1) / a_message, rel=0.3)
    slot = rate * prod.slot_seconds
    assert of_table(done, "write", "-tallies") == pytest.approx(units.fold_writes(slot) / slot, rel=0.1)


def test_a_call_logs_so_many_bytes(at_rate: tuple[int, CountedRun]) -> None:
    _, done = at_rate
    for stage, expected in units.LOG_BYTES.items():
        if calls := done.meter.total("lambda_requests", stage):
            assert done.meter.total("log_bytes", stage) / calls == pytest.approx(expected, rel=0.1), stage


def test_a_run_logs_to_itself_with_the_same_witnesses(prod: Sizing) -> None:
    def logged() -> CountedRun:
        every = replace(
            prod, variables={name: given | {"WITNESS_SHARE": "1"} for name, given in prod.variables.items()}
        )
        return run(sluice.build, every, load.ballots(30), Shape(a_request=0, wave=30))

    before, after = logged(), logged()
    first = before.meter.total("log_bytes")
    assert first > 30 * len('"16 hex digits",')
    assert after.meter.total("log_bytes") == pytest.approx(first, rel=0.05)
    assert before.meter.total("log_bytes") == first


def test_what_is_kept_has_so_many_bytes(prod: Sizing) -> None:
    done = run(sluice.build, prod, load.ballots(600), Shape(a_request=0, wave=600))
    stored = done.meter.total("stored_gb_months") * 1e9 / done.items
    vote = units.CHANGED * (units.ROW_BYTES + OF_AN_ITEM)
    shards = int(prod.variables["write"]["SHARDS"])
    entries = units.ENTRY_BYTES + shards / 600 * (units.ENTRY_ROW_BYTES + OF_AN_ITEM)
    # and a row a title, a head a shard, which do not grow with ballots
    titles = len({ballot["title_id"] for ballot in load.ballots(600)}) / 600 * 220
    assert stored == pytest.approx(vote + entries + titles, rel=0.1)
    assert done.meter.total("backed_up_gb_months") == done.meter.total("stored_gb_months")


@pytest.mark.parametrize(("ids", "most"), [("short", 170), ("uuid", 235)])
def test_a_stored_vote_has_few_bytes(prod: Sizing, ids: load.Ids, most: int) -> None:
    """With what DynamoDB adds to an item and second thoughts, by a ten millionth entry."""
    with deployed(sluice.build, prod, Shape(a_request=0)) as (world, services, advance):
        world.take(load.ballots(1_500, ids=ids), advance)
        (table,) = [table for name, table in services.dynamodb.tables.items() if name.endswith("-votes")]
        rows = [item | {"n": {"N": "9999999"}} for item in table.items.values() if not aspects.is_it(item)]
    sizes = [size_of_item(row) + OF_AN_ITEM for row in rows]
    assert len(sizes) > 1_300
    assert sum(sizes) / len(sizes) <= most
    if ids == "short":
        assert sum(sizes) / len(sizes) == pytest.approx(units.ROW_BYTES + OF_AN_ITEM, rel=0.03)


@pytest.mark.parametrize("a_request", [1, 10])
def test_an_answer_has_so_many_bytes(prod: Sizing, a_request: int) -> None:
    done = figures.flow("sluice", prod, 20, a_request)
    an_answer = done.meter.total("answer_bytes") / done.meter.total("api_requests")
    assert an_answer == pytest.approx(units.ANSWER_BYTES + a_request * units.ANSWER_BALLOT_BYTES, rel=0.02)


def test_receive_waits_for_its_send_and_pays_for_it(prod: Sizing) -> None:
    """Ten ms, whatever its memory; the sum of its calls where they are not side by side."""
    done = figures.flow("sluice", prod, 20, 1)
    assert done.wait["receive"] / 20 == pytest.approx(0.010)


def test_fifo_batches_are_taken_by_themselves(prod: Sizing) -> None:
    """One a second: each process batch has one ballot, and so has each entry; nothing gathers."""
    done = figures.rates(prod, [1], 30)[1]
    assert done.meter.total("lambda_requests", "write") == done.meter.total("lambda_requests", "process")
    assert done.each("write_units") > 3.5  # the heads' making is in it
