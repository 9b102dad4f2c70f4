"""Any input at all: answered, described, never a 5xx."""

import base64

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lambda_src.stack import Stack, stamped

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=70),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["voter_id", "votes"]), inner, max_size=6)
    ),
    max_leaves=12,
)
near_ballots = st.fixed_dictionaries(
    {},
    optional={
        "voter_id": st.sampled_from(["v", "v" * 64, "v" * 65, "\0"]) | json_values,
        "title_id": st.just("t") | json_values,
        "votes": st.dictionaries(
            st.sampled_from(["story", "acting", "plot"]), st.none() | st.integers(0, 6) | json_values, max_size=3
        )
        | json_values,
        "ballot_id": st.just("b") | json_values,
        "cast_at": st.just("2026-11-21T08:00:00Z") | st.datetimes().map(lambda t: t.isoformat() + "Z") | json_values,
        "extra": json_values,
    },
)
relaxed = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(body=st.lists(near_ballots | json_values, min_size=1, max_size=4))
def test_any_json_is_answered(stack: Stack, body: list[object]) -> None:
    answer = stack.post({"ballots": body})
    if answer.status == 202:
        indices = [one["index"] for one in answer.body["accepted"] + answer.body["rejected"]]
        assert sorted(indices) == list(range(len(body)))
    else:
        assert answer.status == 400
        assert len(answer.body["details"]["rejected"]) == len(body)


@relaxed
@given(
    body=st.text()
    | st.binary().map(lambda raw: raw.decode("latin-1"))
    | st.text('{}[]":,0123456789eE.-nulltruefs \t\n', max_size=60),
    encoded=st.booleans(),
)
def test_any_text_is_answered(stack: Stack, body: str, encoded: bool) -> None:
    sent = base64.b64encode(body.encode("utf-8", "surrogatepass")).decode() if encoded else body
    assert stack.post(sent, isBase64Encoded=encoded).status in {202, 400}


@relaxed
@given(
    st.dictionaries(st.sampled_from(["content-type", "Content-Type", "content-encoding", "x"]), st.text(max_size=20))
)
def test_any_headers_are_answered(stack: Stack, headers: dict[str, str]) -> None:
    assert stack.post(stamped(), headers=headers).status in {202, 415}
