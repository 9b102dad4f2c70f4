"""The counted targets in a small size. Timed figures are never asserted."""

import pytest

from tools.bench import dollars
from tools.bench.votes import figures, load
from tools.bench.votes.contenders import Sizing
from tools.bench.votes.sizing import sizing
from tools.bench.votes.world import CountedRun

SIZE = 6_000
# the most that a fold of the films writes: each title, and the fold row founded, fixed and closed
TITLES = 1_000 + 3


@pytest.fixture(scope="module")
def prod() -> Sizing:
    """Prod's sizing, as Terraform plans it."""
    return sizing("prod")


@pytest.fixture(scope="module")
def waiting(prod: Sizing) -> CountedRun:
    """Sluice over ballots that wait, one epoch."""
    return figures.table(prod, SIZE, SIZE)


def write_units(done: CountedRun, epoch: int, titles: int = TITLES) -> float:
    """Write units a ballot if an epoch covered so many ballots, on so many titles."""
    return done.meter.total("write_units", "write") / done.items + titles / epoch


def counted(done: CountedRun) -> dict[str, float]:
    """Dollars a million by service, without the measured time."""
    done.cpu.clear()
    return dollars.a_million(done)


def table_dollars(waiting: CountedRun) -> float:
    """Sluice's, with an epoch of 50,000."""
    units = {"write_units": write_units(waiting, 50_000), "read_units": waiting.each("read_units")}
    return sum(number * dollars.price(unit) for unit, number in units.items()) * dollars.MILLION


def test_a_ballot_is_close_to_one_write_unit(waiting: CountedRun) -> None:
    titles = len({ballot["title_id"] for ballot in load.ballots(5_000)})
    assert write_units(waiting, 50_000) <= 1.1
    assert write_units(waiting, 5_000, titles + 3) <= 1.3
    assert waiting.each("read_units") <= 1.1


def test_uuids_add_little(prod: Sizing, waiting: CountedRun) -> None:
    """In one process batch.

    Over 10⁵ ballots, which end in smaller batches too, it is a little more
    (docs/votes/performance.md).
    """
    uuid = figures.table(prod, SIZE, SIZE, "uuid")
    assert write_units(uuid, 50_000) - write_units(waiting, 50_000) <= 0.05


def test_a_thousand_a_second_stays_flat(prod: Sizing) -> None:
    done = figures.at_rate(prod, 1_000, load.ballots(2_000), 2_000)
    assert write_units(done, 1_000 * prod.slot_seconds) <= 1.3


@pytest.mark.parametrize(("a_request", "plain", "idempotent"), [(1, 2, 4), (10, 3, 6)])
def test_behind_the_api_it_costs_a_fraction(
    prod: Sizing, waiting: CountedRun, a_request: int, plain: int, idempotent: int
) -> None:
    received = figures.flow("sluice", prod, 100, a_request)
    ours = table_dollars(waiting)
    # receive's, and those of the functions behind it, over enough ballots for batches as AWS gives.
    for name in ("lambda_requests", "sqs_requests"):
        ours += (received.each(name, "receive") + waiting.each(name)) * dollars.price(name) * dollars.MILLION
    ours += waiting.each("sqs_fifo_requests") * dollars.price("sqs_fifo_requests") * dollars.MILLION
    for name, share in (("plain", plain), ("idempotent", idempotent)):
        theirs = counted(figures.flow(name, prod, 100, a_request))
        assert ours <= dollars.behind_the_api(theirs) / share, name


def test_the_table_alone_costs_a_third_of_plain_and_a_sixth_of_idempotent(prod: Sizing, waiting: CountedRun) -> None:
    for name, share in (("plain", 3), ("idempotent", 6)):
        assert table_dollars(waiting) <= counted(figures.flow(name, prod, 100, 10))["DynamoDB"] / share


def test_one_title_costs_no_more_than_many_and_serialises_nothing(prod: Sizing) -> None:
    done = figures.titles(prod, (1, 100_000), 1_000)
    assert done[1].each("write_units") <= done[100_000].each("write_units")
    assert done[1].meter.total("lambda_requests", "write") == done[100_000].meter.total("lambda_requests", "write")
    assert done[1].meter.total("write_units", "tally") == 1 + 3


def test_what_is_redelivered_is_counted_once(prod: Sizing) -> None:
    assert figures.wrong("sluice", prod, 150, 0.3)[0] == 0
    assert figures.wrong("plain", prod, 200, 0.3)[0] > figures.wrong("plain", prod, 200, 0)[0]


def test_counting_the_same_twice_gives_the_same(prod: Sizing) -> None:
    first, second = (figures.units(figures.flow("sluice", prod, 100, 10)) for _ in range(2))
    assert first == second
