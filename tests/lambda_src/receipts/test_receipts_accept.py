"""accept: opens a batch once, binds what may be uploaded, and holds a customer to their limits."""

import base64
import json
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from receipts.ids import batch_id_of
from receipts.rows import SLOTS_A_ROW
from shared.bearer import id_of
from tests.lambda_src.receipts.asking import SECONDS, accept, archive, file, files, post
from tests.lambda_src.receipts.conftest import Clock
from tests.lambda_src.receipts.tables import BATCH_ID, CUSTOMER, LIMITS, NOW_US, SECOND, Tables

SIGNED = "content-length;content-type;host;x-amz-checksum-sha256"
Json = dict[str, Any]


def _signed(upload: Json) -> tuple[str, Json]:
    url = urlsplit(upload["url"])
    return url.path, {name: values[0] for name, values in parse_qs(url.query).items()}


class TestAGoodRequest:
    def test_files_get_an_address_each(self, tables: Tables) -> None:
        asked = files(file(b"one"), file(b"zwei", name="b.png", content_type="image/png"))
        answer = post(accept(tables), asked)
        assert (answer.status, answer.body["batch_id"], answer.body["kind"]) == (201, BATCH_ID, "files")
        assert (answer.body["expires_at"], answer.body["expires_in"]) == ("2026-11-21T08:10:00.000Z", SECONDS)
        first, second = answer.body["uploads"]
        assert (first["slot"], second["slot"], second["name"], second["method"]) == (0, 1, "b.png", "PUT")
        assert second["headers"] == {
            "content-type": "image/png",
            "content-length": "4",
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(asked["files"][1]["sha256"])).decode(),
        }

    def test_what_must_come_is_among_the_signed_headers(self, tables: Tables) -> None:
        for asked, key in ((files(), "000"), (archive(client_token="t2"), "archive.zip")):
            answer = post(accept(tables), asked)
            path, query = _signed(answer.body["uploads"][0])
            assert path == f"/in/{answer.body['batch_id']}/{key}"
            assert query["X-Amz-SignedHeaders"] == SIGNED
            assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
            assert query["X-Amz-Expires"] == str(SECONDS)
            assert "Signature" not in query, "that would be version 2, which binds nothing"

    def test_an_archive_gets_one(self, tables: Tables) -> None:
        answer = post(accept(tables), archive())
        (upload,) = answer.body["uploads"]
        assert (answer.status, answer.body["kind"], "slot" in upload) == (201, "archive", False)
        assert upload["headers"]["content-type"] == "application/zip"
        found = tables.ledger.batch(BATCH_ID)
        assert found
        assert found.archive
        assert (found.archive.size, found.is_ready, found.ttl) == (3, True, NOW_US // SECOND + 30 * 86_400)

    def test_all_of_a_long_manifest_is_kept(self, tables: Tables) -> None:
        many = [file(b"%d" % n, name=f"{n}, of many.jpg") for n in range(LIMITS.files)]
        assert len(post(accept(tables), files(*many)).body["uploads"]) == LIMITS.files
        kept = [tables.ledger.expected(BATCH_ID, n) for n in range(LIMITS.files)]
        assert [one.name for one in kept if one] == [one["name"] for one in many]
        assert len(list(tables.ledger.items(BATCH_ID))) == 1 + LIMITS.files / SLOTS_A_ROW

    def test_a_name_is_for_showing_alone(self, tables: Tables) -> None:
        answer = post(accept(tables), files(file(name="../../e\u202egpj.\ud800\x00")))
        assert answer.body["uploads"][0]["name"] == "../../e\\u202egpj.\\ud800\\x00"
        assert _signed(answer.body["uploads"][0])[0] == f"/in/{BATCH_ID}/000"


class TestARepeat:
    def test_is_the_same_batch_with_fresh_addresses(self, tables: Tables, time: Clock) -> None:
        worker = accept(tables)
        first = post(worker, files())
        time.later(60)
        again = post(worker, files())
        assert (again.status, again.body["batch_id"]) == (201, first.body["batch_id"])
        assert again.body["expires_at"] == "2026-11-21T08:11:00.000Z"
        found = tables.ledger.batch(BATCH_ID)
        assert found
        assert (found.created_at, found.expires_at) == (NOW_US, NOW_US + (60 + SECONDS) * SECOND)

    def test_is_charged_once(self, tables: Tables) -> None:
        for _ in range(LIMITS.batches + 1):
            assert post(accept(tables), files()).status == 201

    def test_with_another_content_is_refused(self, tables: Tables) -> None:
        worker = accept(tables)
        assert post(worker, files()).status == 201
        for other in (files(file(b"two")), files(file(name="two.jpg")), archive()):
            answer = post(worker, other)
            assert (answer.status, answer.body["code"]) == (409, "token-reused")
        assert post(worker, files()).status == 201

    def test_of_another_customers_token_is_a_batch_of_its_own(self, tables: Tables) -> None:
        worker = accept(tables)
        ids = {post(worker, files(customer_id=customer)).body["batch_id"] for customer in ("a", "b")}
        assert ids == {batch_id_of("a", "token-1"), batch_id_of("b", "token-1")}

    @pytest.mark.parametrize("place", range(10))
    def test_after_a_call_that_failed_opens_the_batch_once(self, tables: Tables, place: int) -> None:
        """Every call fails once: before its effect (even places), or after it (odd ones)."""
        calls = tables.failing_at(place)
        many = files(*(file(b"%d" % n) for n in range(30)))
        worker = accept(tables)
        first = post(worker, many)
        assert calls.failed
        assert (first.status, first.headers["retry-after"]) == (503, "5")
        assert post(worker, many).status == 201
        kept = [tables.ledger.expected(BATCH_ID, n) for n in range(31)]
        assert sum(one is not None for one in kept) == 30
        assert tables.used() == {"batches": 1, "files": 30, "bytes": 50}


class TestALimit:
    def test_is_said_with_its_unit_and_when_to_come_again(self, tables: Tables) -> None:
        answer = post(accept(tables), archive() | {"archive": {"size": LIMITS.bytes + 1, "sha256": "0" * 64}})
        assert (answer.status, answer.body["code"]) == (429, "over-daily-limit")
        assert answer.body["details"] == {"unit": "bytes", "most": LIMITS.bytes, "used": 0}
        assert answer.headers["retry-after"] == str(16 * 3600)
        assert list(tables.ledger.items(BATCH_ID)) == []

    def test_leaves_the_token_free_for_tomorrow(self, tables: Tables, time: Clock) -> None:
        worker = accept(tables)
        for n in range(LIMITS.batches):
            post(worker, files(client_token=f"t{n}"))
        assert post(worker, files()).status == 429
        time.later(86_400)
        assert post(worker, files()).status == 201

    def test_is_each_customers_own(self, tables: Tables) -> None:
        worker = accept(tables)
        for n in range(LIMITS.batches + 1):
            assert post(worker, files(customer_id=f"c{n}")).status == 201


class TestTheCustomer:
    CLAIMS: ClassVar = {"iss": "https://issuer.example/", "sub": "ann"}
    ANN = id_of("https://issuer.example/", "ann")

    def _post(self, tables: Tables, body: Json, **claims: str) -> Any:
        worker = accept(tables, customer_from="token", trusted_scope="receipts/others")
        http = {"http": {"method": "POST"}, "authorizer": {"jwt": {"claims": claims}}}
        return post(worker, body, requestContext=http)

    @pytest.mark.parametrize("said", [CUSTOMER, None, "' OR 1=1 --", 7])
    def test_is_who_the_token_says(self, tables: Tables, said: Any) -> None:
        answer = self._post(tables, files(customer_id=said), **self.CLAIMS)
        assert answer.body["batch_id"] == batch_id_of(self.ANN, "token-1")

    def test_may_be_another_for_a_trusted_sender(self, tables: Tables) -> None:
        answer = self._post(tables, files(), **self.CLAIMS, scope="receipts/others")
        assert answer.body["batch_id"] == BATCH_ID

    def test_must_be_in_the_token(self, tables: Tables) -> None:
        answer = self._post(tables, files(), iss="https://issuer.example/")
        assert (answer.status, answer.body["code"]) == (401, "no-token")


BAD: list[tuple[Any, int, str]] = [
    ("{", 400, "not-json"),
    ("", 400, "not-json"),
    ("[]", 400, "not-an-object"),
    ("[" * 100_000, 400, "not-json"),
    (json.dumps([1] * 20_001), 400, "too-many-values"),
    ('{"kind":"files","kind":"archive"}', 400, "duplicate-key"),
    (files(customer_id=None), 400, "missing-field"),
    (files(customer_id="x'; DROP TABLE batches; --"), 400, "bad-identifier"),
    (files(customer_id=7), 400, "bad-identifier"),
    (files(client_token=None), 400, "missing-field"),
    (files(client_token="x" * 65), 400, "bad-identifier"),
    (files(kind="photos"), 400, "bad-kind"),
    (files(kind=None), 400, "bad-kind"),
    (files(kind=["files"]), 400, "bad-kind"),
    (files(more=1), 400, "unknown-field"),
    (files(archive={}), 400, "unknown-field"),
    (files(files=[]), 400, "no-file"),
    (files(files=None), 400, "no-file"),
    (files(files={}), 400, "no-file"),
    (files(files=[file()] * 501), 413, "too-many-files"),
    (archive(archive=None), 400, "bad-archive"),
    (archive(archive={"size": 3}), 400, "bad-archive"),
    (archive(archive={"size": 1_000_000_001, "sha256": "0" * 64}), 400, "bad-archive"),
    (archive(archive={"size": 3, "sha256": "0" * 64, "name": "x"}), 400, "bad-archive"),
    ("x" * 1_048_577, 413, "too-large"),
]
BAD_FILES: list[tuple[Any, str]] = [
    (7, "not-an-object"),
    ({}, "missing-field"),
    (file(name=None), "bad-name"),
    (file(name=""), "bad-name"),
    (file(name="x" * 256), "bad-name"),
    (file(size=0), "bad-size"),
    (file(size=-1), "bad-size"),
    (file(size=1.5), "bad-size"),
    (file(size=True), "bad-size"),
    (file(size="3"), "bad-size"),
    (file(size=33_554_433), "bad-size"),
    (file(sha256="0" * 63), "bad-checksum"),
    (file(sha256="A" * 64), "bad-checksum"),
    (file(sha256=None), "bad-checksum"),
    (file(content_type="image/jpg"), "unsupported-type"),
    (file(content_type=["image/jpeg"]), "unsupported-type"),
    (file(more=1), "unknown-field"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD, ids=lambda part: str(part)[:40])
def test_a_bad_request_is_refused_and_leaves_nothing(tables: Tables, body: Any, status: int, code: str) -> None:
    answer = post(accept(tables), body)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert len(answer.text) < 1_000
    assert tables.client.scan(TableName="ledger")["Items"] == []
    assert tables.client.scan(TableName="usage")["Items"] == []


@pytest.mark.parametrize(("bad", "code"), BAD_FILES, ids=lambda part: str(part)[:60])
def test_a_bad_file_is_named(tables: Tables, bad: Any, code: str) -> None:
    answer = post(accept(tables), files(file(), bad))
    assert (answer.status, answer.body["code"]) == (400, "bad-file")
    (told,) = answer.body["details"]["files"]
    assert (told["index"], told["code"]) == (1, code)
    assert tables.client.scan(TableName="ledger")["Items"] == []


def test_not_every_bad_file_is_told_of(tables: Tables) -> None:
    answer = post(accept(tables), files(*[{}] * 500))
    assert answer.body["message"].startswith("500 of 500 files")
    assert len(answer.body["details"]["files"]) == 20


@pytest.mark.parametrize(
    ("more", "status"), [({"method": "GET"}, 405), ({"rawPath": "/v1/other"}, 404), ({"headers": {}}, 415)]
)
def test_another_route_is_refused(tables: Tables, more: Json, status: int) -> None:
    assert post(accept(tables), files(), **more).status == status


def test_what_nobody_foresaw_is_answered_without_a_trace(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = accept(tables)
    monkeypatch.setattr(worker, "_accept", lambda wanted: 1 / 0)
    answer = post(worker, files())
    assert (answer.status, answer.body["code"]) == (500, "internal")
    assert "division" not in answer.text
