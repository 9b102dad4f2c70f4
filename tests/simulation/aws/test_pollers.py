"""What the pollers make of a queue."""

from tools.simulation.aws import pollers
from tools.simulation.aws.meter import Meter
from tools.simulation.aws.pollers import Mapping
from tools.simulation.aws.wire import Message


def test_a_batch_holds_what_five_pollers_gather_in_a_window() -> None:
    prod = Mapping(10_000, 2, 50)
    assert [prod.batch_at(rate) for rate in (0.1, 1, 100, 1_000, 10_000, 100_000)] == [1, 1, 40, 400, 4_000, 10_000]
    assert Mapping(1_000, 5, 2).batch_at(100) == 250  # two at a time


def test_an_event_ends_at_six_megabytes() -> None:
    batches = list(pollers.standard([Message('{"v":1}' * 30)] * 10_000, 10_000))
    assert len(batches) == 2
    assert 5_000 < len(batches[0]) < 7_000
    assert [len(batch) for batch in pollers.standard([Message("x")] * 25, 10)] == [10, 10, 5]
    assert [len(batch) for batch in pollers.fifo([Message("x", "g")] * 25, 10_000)] == [10, 10, 5]


def test_receives_and_deletes_are_charged() -> None:
    meter = Meter("process")
    pollers.charge(meter, [Message("x" * 20_000)] * 12, 10, is_fifo=False)
    assert meter.total("sqs_requests") == (4 + 1) + 2  # 200 KB and 40 KB received, two deletes
    assert pollers.a_receive(None) == 10
    assert pollers.a_receive(1) == 1


def test_idle_pollers_ask_three_times_a_minute() -> None:
    assert pollers.idle_receives_a_month(Mapping(10)) == 5 * 3 * 60 * 24 * 30
