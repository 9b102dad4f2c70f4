"""store: merges the answers of a finished group, and at a run's end says what the run holds."""

import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from harvest import messages, results, shape, tree
from harvest.ledger import Ledger
from harvest.merging import Merged, Merger
from harvest.messages import StoreMessage, Unreadable
from harvest.parcels import Parcel, root_id
from harvest.run_ledger import RunLedger
from harvest.run_rows import Run
from harvest.settings import StoreSettings
from harvest.shape import Shape
from shared import clients, logs, queues, settings
from shared.versions import NewerVersion

VERSION = 1  # of manifests
MOST_MANIFEST_BYTES = 20_000_000

Json = dict[str, Any]


class NotYet(Exception):
    """What is to be merged is not finished, or a group's manifest is not there: come again."""


class OutOfTime(Exception):
    """The time is over before the group is merged."""


class Store:
    """The function's work."""

    def __init__(self, config: StoreSettings, dynamodb: Any, s3: Any, sqs: Any) -> None:
        self._config, self._s3, self._sqs = config, s3, sqs
        self._ledger = Ledger(dynamodb, config.ledger_table)
        self._runs = RunLedger(dynamodb, config.ledger_table)
        self._merger = Merger(s3, config.results_bucket)

    def handle(self, event: Json, context: Any) -> Json:
        """The partial batch response to an event of the store queue.

        A run's end that comes before its last groups are merged is only kept for a while.
        """
        queues.out_of_time(context)
        failed, kept = [], []
        for record in event["Records"]:
            try:
                self._take(messages.decode_store(record["body"]), context)
            except NotYet as error:
                logs.logger().info("kept", extra={"place": "store", "detail": str(error)})
                kept.append(record)
            except (Unreadable, NewerVersion) as error:
                self._failed("read", error, record)
                failed.append(record)
            except Exception as error:
                self._failed("store", error, record)
                failed.append(record)
        if again := failed + kept:
            queues.back_off(self._sqs, self._config.store_queue_url, again, context=context)
        return queues.failures(
            (record["messageId"] for record in failed),
            kept=[record["messageId"] for record in kept],
        )

    def _take(self, message: StoreMessage, context: Any) -> None:
        def check() -> None:
            if queues.out_of_time(context):
                raise OutOfTime("the group is too large to be merged in the function's time")

        if message.group:
            self._store_group(message.run_id, message.group, check)
        else:
            self._store_run(message.run_id, check)
        self._ledger.mark_stored(message.run_id, message.group)

    def _store_group(self, run_id: str, group: str, check: Callable[[], None]) -> None:
        """Merge a group, and write its manifest last; whoever is second changes nothing."""
        key = results.manifest_key(run_id, group)
        if self._read(key) is not None:
            return
        merged = self._merged(run_id, group, tree.of_group(self._ledger, run_id, group), check)
        levels = {level: found.to_json() for level, found in merged.shapes.items()}
        manifest = {
            "v": VERSION,
            "run_id": run_id,
            "group": group,
            "counts": merged.counts,
            "objects": merged.objects,
            "shapes": levels,
        }
        self._put_once(key, manifest)

    def _store_run(self, run_id: str, check: Callable[[], None]) -> None:
        """Say what a run that is over holds, all groups together, and what has changed in it.

        Raises NotYet while a group's manifest is missing.
        """
        run = self._runs.run(run_id)
        if run is None or not run.is_over:
            raise NotYet(f"run {run_id} is not over")
        if self._read(results.run_key(run_id)) is not None:
            return
        roots = [root_id(index) for index in range(run.roots)]
        merged = self._merged(run_id, "", tree.below(self._ledger, run_id, roots), check)
        named = self._ledger.parcels(run_id, sorted(set(merged.groups)))
        groups = sorted({parcel.group for parcel in named.values()})
        for group in groups:
            check()
            self._add(merged, run_id, group)
        self._put_run(run, groups, merged)

    def _add(self, merged: Merged, run_id: str, group: str) -> None:
        """Add what a group's manifest says."""
        manifest = self._read(results.manifest_key(run_id, group))
        if manifest is None:
            raise NotYet(f"group {group!r} of run {run_id} is not merged yet")
        for level, counts in manifest["counts"].items():
            sums = merged.counts.setdefault(level, dict.fromkeys(counts, 0))
            for name, n in counts.items():
                sums[name] += n
        for level, found in manifest["shapes"].items():
            merged.shapes.setdefault(level, Shape()).paths.update(found["paths"])
        merged.objects += manifest["objects"]

    def _put_run(self, run: Run, groups: list[str], merged: Merged) -> None:
        shapes_key = results.shapes_key(run.account)
        changed = shape.drift((self._read(shapes_key) or {}).get("shapes", {}), merged.shapes)
        levels = {level: found.to_json() for level, found in merged.shapes.items()}
        manifest = {
            "v": VERSION,
            "run_id": run.run_id,
            "name": run.name,
            "account": run.account,
            "state": run.state,
            "started": run.started,
            "ended": run.ended,
            "since": run.since,
            "groups": groups,
            "counts": merged.counts,
            "objects": merged.objects,
            "shapes": levels,
            "drift": changed,
        }
        self._put_once(results.run_key(run.run_id), manifest)
        if merged.shapes:
            self._put(shapes_key, {"v": VERSION, "run_id": run.run_id, "shapes": levels})
        for level, paths in changed.items():
            about = {"run_id": run.run_id, "level": level, **{k: v[:20] for k, v in paths.items()}}
            logs.logger().warning("answers look otherwise", extra=about)
        logs.count_always("ShapesChanged", len(changed))

    def _merged(
        self, run_id: str, group: str, found: Iterable[Parcel], check: Callable[[], None]
    ) -> Merged:
        parcels = sorted(found, key=lambda parcel: parcel.id)
        if any(not parcel.is_settled for parcel in parcels):
            raise NotYet(f"group {group!r} of run {run_id} has open parcels")
        return self._merger.merge(run_id, group, parcels, check)

    def _read(self, key: str) -> Json | None:
        """A manifest, or None where there is none."""
        try:
            answer = self._s3.get_object(Bucket=self._config.results_bucket, Key=key)
        except ClientError as error:
            if logs.kind_of(error) != "NoSuchKey":
                raise
            return None
        found: Json = json.loads(answer["Body"].read(MOST_MANIFEST_BYTES))
        return found

    def _put_once(self, key: str, manifest: Json) -> None:
        """Write a manifest unless there is one: what is written is never another's."""
        try:
            self._put(key, manifest, IfNoneMatch="*")
        except ClientError as error:
            if logs.kind_of(error) != "PreconditionFailed":
                raise

    def _put(self, key: str, content: Json, **more: str) -> None:
        self._s3.put_object(
            Bucket=self._config.results_bucket,
            Key=key,
            Body=json.dumps(content, separators=(",", ":")).encode(),
            ContentType="application/json",
            **more,
        )

    def _failed(self, place: str, error: Exception, record: Json) -> None:
        kind, queue = logs.kind_of(error), self._config.store_queue_url
        queues.failed(place, kind, queue, [record], **logs.cause_of(error))


@cache
def _worker() -> Store:
    config = settings.load(StoreSettings)
    return Store(config, *(clients.client(name) for name in ("dynamodb", "s3", "sqs")))


def handler(event: Json, context: Any) -> Json:
    """The Lambda handler."""
    return _worker().handle(event, context)


settings.at_start(_worker)
