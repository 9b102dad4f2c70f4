"""check: each hop between this site's database and AWS, proven in words."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from receipts.agent.aws import Aws
from receipts.agent.check_aws import CREDENTIALS, AwsHops
from receipts.agent.check_database import DatabaseHops
from receipts.agent.config import Config
from receipts.agent.hops import Failed, Hops
from receipts.agent.process import version
from receipts.delivery import messages
from receipts.delivery.messages import Heartbeat
from shared import clock, logs

DELIVERED = "delivered queue"
BY_CHECK = "checked"  # why the database is said not to be reached


class Check:
    """The command; `say` takes each line."""

    def __init__(self, config: Config, aws: Aws, say: Callable[[str], None]) -> None:
        self._config, self._aws, self._say = config, aws, say

    def run(self) -> int:
        """Try each hop, then say what the firewall must let through: 0 where all work, else 1."""
        to_aws = AwsHops(self._config, self._aws)
        hosts = self._aws.hosts()
        needed = [host.place for host in hosts if host.is_needed]
        hops = Hops(self._say, max(map(len, [*needed, CREDENTIALS])))
        hops.tried("configuration", lambda: f"it fits; the lane is {self._config.lane}")
        reached = DatabaseHops(self._config).try_all(hops)
        to_aws.try_all(hops, hosts)
        hops.tried(DELIVERED, lambda: self._heartbeat(reached), *needed, CREDENTIALS)
        self._say("")
        self._say("The firewall lets this machine through to, and nothing in:")
        for host in hosts:
            self._say(f"  {host.place}  {host.why}")
        database = self._config.database
        self._say(f"  {database.host}:{database.port}  the database, on this site")
        return 0 if hops.all_work else 1

    def _heartbeat(self, reached: bool) -> str:
        """That what became of things can be told: a heartbeat is, as `run` sends one a minute."""
        beat = Heartbeat(
            lane=self._config.lane,
            at=clock.now_us(),
            reached=reached,
            reason=None if reached else BY_CHECK,
            latency_ms=0,
            rows=0,
            rows_a_transaction=0,
            rest_ms=0,
            version=version(),
        )
        try:
            self._aws.client("sqs").send_message(
                QueueUrl=self._config.aws.delivered_queue_url, MessageBody=messages.encode(beat)
            )
        except (ClientError, BotoCoreError) as error:
            raise Failed(
                f"it may not: sqs:SendMessage ({logs.kind_of(error)})",
                "compare aws.delivered_queue_url and the role's policy with the pipeline's outputs",
            ) from None
        return "a heartbeat was sent"
