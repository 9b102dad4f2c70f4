"""An agent's site on the emulator: two queues, documents, the role, and files to start it by."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from receipts import documents
from receipts.delivery import messages
from receipts.delivery.messages import Delivered, Delivery, Outcome
from receipts.ids import customer_key
from tests.lambda_src.receipts.delivery.made import document
from tools.common.paths import ROOT
from tools.local_cloud.premises.stand_in import StandIn
from tools.local_cloud.receipts import agent
from tools.local_cloud.runs import ACCOUNT, REGION

SCHEMA = ROOT / "lambda_src/receipts/delivery/postgres.sql"
BOUND = 40.0
_numbers = itertools.count()
_NOBODY = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "rolesanywhere.amazonaws.com"},
                          "Action": "sts:AssumeRole"}], "Version": "2012-10-17"}  # fmt: skip


class Site:
    """It; names of its own, so that several can be on one emulator.

    `policy` gets the ARNs of the two queues and of the bucket and gives the role's policy.
    """

    def __init__(
        self,
        client: Callable[[str], Any],
        premises: StandIn,
        folder: Path,
        policy: Callable[[str, str, str], Any],
        visibility_seconds: int = 30,
    ) -> None:
        number = next(_numbers)
        self.sqs, self.s3, self.premises, self._iam = client("sqs"), client("s3"), premises, client("iam")
        self.bucket, self.role = f"agent-documents-{number}", f"agent-{number}"
        self.urls = {
            name: self.sqs.create_queue(
                QueueName=f"agent-{name}-{number}", Attributes={"VisibilityTimeout": str(visibility_seconds)}
            )["QueueUrl"]
            for name in ("delivery", "delivered")
        }
        self.s3.create_bucket(Bucket=self.bucket)
        delivery, delivered = (f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}" for url in self.urls.values())
        self._iam.create_role(RoleName=self.role, AssumeRolePolicyDocument=json.dumps(_NOBODY))
        self.allow(policy(delivery, delivered, f"arn:aws:s3:::{self.bucket}"))
        outputs = {
            "queues": {name: {"url": url} for name, url in self.urls.items()},
            "buckets": {"documents": self.bucket},
            "agent": {"role_arn": f"arn:aws:iam::{ACCOUNT}:role/{self.role}"},
        }
        self.config, self.environment = agent.prepared(
            folder, self.sqs.meta.endpoint_url, outputs, premises.credentials
        )

    def allow(self, policy: Any) -> None:
        """Give the role another policy."""
        self._iam.put_role_policy(RoleName=self.role, PolicyName="calls", PolicyDocument=json.dumps(policy))

    def started(self, log: Any = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """The agent, running."""
        return subprocess.Popen(
            agent.command("run", self.config), env=self.environment, stdout=log, stderr=subprocess.STDOUT
        )

    def checked(self) -> subprocess.CompletedProcess[str]:
        """What `check` says."""
        return subprocess.run(
            agent.command("check", self.config), env=self.environment,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def send(self, count: int) -> set[str]:
        """Put so many documents and their pointers: the files' ids."""
        made = [document(number) for number in range(count)]
        for one in made:
            key = documents.key_of(customer_key(one.customer_id), one.file_id)
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=documents.encode(one))
        for start in range(0, count, 10):
            entries = [
                {"Id": str(i), "MessageBody": messages.encode(_pointer(one))}
                for i, one in enumerate(made[start : start + 10])
            ]
            self.sqs.send_message_batch(QueueUrl=self.urls["delivery"], Entries=entries)
        return {one.file_id for one in made}

    def told(self) -> list[Outcome]:
        """What is on the delivered queue; it is taken off."""
        found: list[Outcome] = []
        url = self.urls["delivered"]
        while some := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for one in some:
                found.append(messages.decode_outcome(one["Body"]))
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return found

    def until_told(self, files: set[str], bound: float = BOUND) -> list[Outcome]:
        """All that is told until each of these files is said to be delivered."""
        found: list[Outcome] = []
        deadline = time.monotonic() + bound
        while files - {one.file_id for one in found if isinstance(one, Delivered)}:
            assert time.monotonic() < deadline, f"not told within {bound:.0f} s"
            found += self.told()
            time.sleep(0.1)
        return found

    def until_more_stand(self, stood: int, bound: float = BOUND) -> int:
        """Wait until more rows stand than so many; how many."""
        deadline = time.monotonic() + bound
        while (now := sum(n for _, n in self.rows())) <= stood:
            assert time.monotonic() < deadline, f"not one row more within {bound:.0f} s"
            time.sleep(0.02)
        return now

    def waiting(self) -> int:
        """Messages of the delivery queue, in flight or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.urls["delivery"], AttributeNames=names)["Attributes"]
        return sum(map(int, told.values()))

    def rows(self) -> list[tuple[str, int]]:
        """The table: how often each file's receipts stand."""
        return [(file, int(n)) for file, n in self.premises.ask(
            "SELECT file_id, count(*) FROM receipts GROUP BY file_id")]  # fmt: skip


def _pointer(one: documents.Document) -> Delivery:
    return Delivery(batch_id=one.batch_id, customer_id=one.customer_id, file_id=one.file_id)
