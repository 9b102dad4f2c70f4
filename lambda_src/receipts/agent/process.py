"""run: one lane for ever, in this process, until it is told to end."""

from importlib import metadata

from botocore.exceptions import BotoCoreError, ClientError

from receipts.agent.aws import Aws
from receipts.agent.config import Config, ConfigError
from receipts.delivery import credentials, postgres
from receipts.delivery.credentials import Login
from receipts.delivery.inbox import Inbox
from receipts.delivery.lane import AWAY, Ended, Lane, NotTold
from receipts.delivery.pace import Pace, left_off
from receipts.delivery.port import Away, Database
from receipts.delivery.work import Documents
from shared import backoff, clock, logs
from shared.versions import NewerVersion

AWAY_SECONDS = 60.0  # between two connections to a database that is away
TROUBLE_SECONDS = 5.0  # after the first failure of AWS; then longer, up to AWAY_SECONDS
CONNECTED_SECONDS = 3_600.0  # that one connection is used
LOOK_SECONDS = 0.5  # of a wait, between two looks whether it is to stop
LINGER_SECONDS = 60  # the most: here nobody pays for waiting
DISTRIBUTION = "sluice-agent"


def version() -> str:
    """The release that is installed; "unreleased" where this runs from a checkout."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unreleased"


class OnSite:
    """A `credentials.Source`: the login as the site's files say it now."""

    def __init__(self, config: Config) -> None:
        self._database = config.database

    def login(self) -> Login:
        """The login, read anew. Raises Away, and the log says what is wrong with the files."""
        try:
            return self._database.login()
        except ConfigError as error:
            logs.error("secret", error)
            raise Away(credentials.NOT_READABLE) from None


def agent_of(config: Config, aws: Aws) -> "Agent":
    """The agent of a configuration; nothing is asked yet."""
    budget = config.pace.model_copy(update={"linger_seconds": LINGER_SECONDS})
    source, name, table = OnSite(config), config.lane, config.database.table

    def connect() -> Database:
        return credentials.connect(source, lambda login: postgres.connect(login, name, table))

    named = config.aws
    inbox = Inbox(aws.client("sqs"), named.delivery_queue_url, named.delivered_queue_url)
    documents = Documents(aws.client("s3"), named.documents_bucket)
    lane = Lane(name, inbox, documents, connect, budget, version(), wait_seconds=named.poll_seconds)
    return Agent(lane, left_off(None, None, budget))


class Agent:
    """The process's work: a lane, run after run."""

    def __init__(self, lane: Lane, pace: Pace) -> None:
        self._lane, self._pace = lane, pace
        self._is_stopped = False

    def stop(self) -> None:
        """End after the transaction that is under way; a signal's handler may call it.

        So it sets a flag and takes no lock: the process may be holding that.
        """
        self._is_stopped = True

    def run(self) -> None:
        """Run the lane until it is to stop.

        A database that is away is asked again in a minute, and AWS that fails in seconds, later
        each time: whatever was in hand comes again.
        """
        failures = 0
        while not self._is_stopped:
            try:
                ended = self._run_once()
            except (ClientError, BotoCoreError, NotTold, NewerVersion) as error:
                failures += 1
                logs.error("agent", error)
                self._wait(backoff.pause_seconds(failures, TROUBLE_SECONDS, AWAY_SECONDS))
                continue
            failures, self._pace = 0, ended.pace
            if ended.why == AWAY:
                self._wait(AWAY_SECONDS)

    def _run_once(self) -> Ended:
        until = clock.monotonic() + CONNECTED_SECONDS
        return self._lane.run(self._pace, lambda: self._is_stopped or clock.monotonic() >= until)

    def _wait(self, seconds: float) -> None:
        until = clock.monotonic() + seconds
        while not self._is_stopped and (left := until - clock.monotonic()) > 0:
            clock.sleep(min(left, LOOK_SECONDS))
