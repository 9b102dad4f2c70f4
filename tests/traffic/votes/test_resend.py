"""A request is sent again until all of it is taken, and no longer."""

from __future__ import annotations

from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.traffic.client import Answer, NotAnswered
from tools.traffic.resend import TRIES, Resending
from tools.traffic.votes import api
from tools.traffic.votes.bad_input import GOOD, Request, ballots_request

TAKEN = Answer(202, {"accepted": [{}], "rejected": []})
IN_PART = Answer(202, {"accepted": [{}], "rejected": [{"code": "queue-unavailable"}]})
SPOILT = Answer(202, {"accepted": [{}], "rejected": [{"code": "bad-score"}]})


class Api:
    """Answers what it is given to answer, one after the other, the last one for ever."""

    def __init__(self, *answers: Answer | None) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []

    def once(self, _method: str, _path: str, body: bytes, _type: str | None) -> Answer:
        self.bodies.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer is None:
            raise NotAnswered("reset")
        return answer


def _post(*answers: Answer | None) -> tuple[Answer, Resending[Request], Api]:
    clients, server = Resending(api.post_once, api.is_taken_in_part, sleep=lambda _: None), Api(*answers)
    client: Any = server
    return clients.post(client, ballots_request([GOOD])), clients, server


def test_the_same_bytes_until_all_is_taken() -> None:
    answer, clients, server = _post(Answer(503, {}), None, Answer(429, {}), IN_PART, TAKEN)
    assert answer is TAKEN
    assert len(set(server.bodies)) == 1
    assert clients.tries == {"503": 1, "no answer": 1, "429": 1, "202 in part": 1, "202": 1}
    assert clients.again == 1


@pytest.mark.parametrize("answer", [TAKEN, SPOILT, Answer(400, {}), Answer(413, {})])
def test_an_answer_for_good_is_kept(answer: Answer) -> None:
    found, clients, _ = _post(answer)
    assert found is answer
    assert (clients.tries.total(), clients.again) == (1, 0)


def test_it_has_a_bound() -> None:
    with pytest.raises(CommandError, match=f"sent {TRIES} times, and the last time it came to: 502"):
        _post(Answer(502, {}))
