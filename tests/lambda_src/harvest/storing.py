"""A run that was worked on to its end, and the store that merges it."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from harvest import messages, results
from harvest.messages import ParcelMessage
from harvest.parcels import Parcel, Task, root_id
from harvest.run_rows import COMPLETED, RUNNING
from harvest.settings import StoreSettings
from harvest.store import Store
from tests.lambda_src.harvest.working import RUN, World
from tests.lambda_src.stack import Context


class Stored(World):
    """A run of two groups, worked on to its end; its store."""

    def __init__(self, patch: pytest.MonkeyPatch, **vendor: Any) -> None:
        super().__init__(patch, **{"groups": {"a": 7, "b/ü": 2}, "seed": 3, **vendor})
        self.cloud.sqs.create_queue("store", {})
        said = {"ledger_table": "ledger", "store_queue_url": self.cloud.sqs.url("store"), "results_bucket": "results"}
        self.store = Store(StoreSettings.model_validate(said), self.dynamodb, self.s3, self.sqs)
        self.with_token()

    def harvest(self, run_id: str = RUN) -> Stored:
        """All parcels of the run, each let out once it is known, in the order of their ids."""
        self.ledger.put_root(run_id, 0, "k", tasks=[[Task("groups")]])
        item = self.cloud.dynamodb.table("ledger").items
        item[(run_id, "#run")] = {**item[(run_id, "#run")], "roots": {"N": "1"}}
        waiting = list(self.ledger.parcels(run_id, [root_id(0)])[root_id(0)].child_ids())
        while waiting:
            parcel = self.ledger.parcels(run_id, [waiting[0]])[waiting.pop(0)]
            self.handle(self.record(parcel, self.slots(len(parcel.tasks))) | self._of(run_id, parcel))
            waiting += self.ledger.parcels(run_id, [parcel.id])[parcel.id].child_ids()
        return self

    def _of(self, run_id: str, parcel: Parcel) -> dict[str, Any]:
        slots = tuple(self.slots(len(parcel.tasks)))
        return {"body": messages.encode_parcel(ParcelMessage(run_id, parcel.id, slots, 0)).body}

    def complete(self, run_id: str = RUN) -> None:
        self.runs.set_state(run_id, COMPLETED, "", of=[RUNNING])

    def merge(self, group: str, run_id: str = RUN, context: Context | None = None) -> Any:
        """Have store take a message of this group: what it answered."""
        body = json.dumps({"v": 1, "run_id": run_id, "group": group})
        attributes = {"SentTimestamp": "1", "ApproximateReceiveCount": "1"}
        record = {"messageId": "m", "receiptHandle": "h", "body": body, "attributes": attributes}
        return self.store.handle({"Records": [record]}, context or Context())

    def object(self, key: str) -> Any:
        return json.loads(self.cloud.s3.buckets["results"][key].body)

    def data(self, level: str, group: str, run_id: str = RUN) -> list[Any]:
        """All merged answers of a level."""
        prefix = f"data/run={run_id}/group={results.safe(group)}/level={results.safe(level)}/"
        keys = sorted(key for key in self.cloud.s3.buckets["results"] if key.startswith(prefix))
        bodies = [self.cloud.s3.buckets["results"][key].body for key in keys]
        return [json.loads(line) for body in bodies for line in gzip.decompress(body).splitlines()]
