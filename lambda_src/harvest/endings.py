"""How a run ends: complete when its rows prove it, stopped with one message, or cancelled."""

from typing import Any

from harvest import messages, run_rows
from harvest.accounts import Accounts
from harvest.frontier import Frontier
from harvest.messages import StoreMessage
from harvest.run_ledger import RunLedger
from shared import logs, queues

ALL = ""  # the group that stands for the whole run


class Endings:
    """Leads runs to their ends, and tells store of each group that is finished."""

    def __init__(self, runs: RunLedger, accounts: Accounts, sqs: Any, store_queue_url: str) -> None:
        self._runs, self._accounts = runs, accounts
        self._sqs, self._store_queue_url = sqs, store_queue_url

    def end(self, frontier: Frontier, account: str, turn: int) -> bool:
        """Do what is due at a run's end; whether nothing is left to do for it.

        A run that is over is forgotten last, so that the next turn does what this one could not.
        """
        run = frontier.run
        frontier.finished -= self._stored(run.run_id, frontier.finished)
        if run.state == run_rows.RUNNING:
            self._cap(frontier)
            if not frontier.is_done or frontier.finished:
                return False
            if not self._runs.complete(run.run_id, turn, frontier.roots, frontier.counts):
                return False  # a root has come, somebody paused it, or the turn is another's
            logs.logger().info("run complete", extra={"run_id": run.run_id})
        elif not run.is_over:
            return False
        has_answers = run.state != run_rows.CANCELLED and not run.stored
        if has_answers and not self._stored(run.run_id, {ALL}):
            return False
        self._accounts.remove_run(account, run.run_id)
        return True

    def stop(self, run_id: str, reason: str) -> None:
        """Stop a running run, with one message for people."""
        if self._runs.stop(run_id, reason):
            logs.count_always("RunsStopped", 1)
            logs.logger().error("run stopped", extra={"run_id": run_id, "reason": reason})

    def _cap(self, frontier: Frontier) -> None:
        run, known = frontier.run, frontier.counts.expected
        if known > run.cap:
            self.stop(
                run.run_id,
                f"the run knows of {known} calls, more than its cap of {run.cap}: look whether the "
                "vendor lists without end, then resume it with a larger cap, or cancel it",
            )

    def _stored(self, run_id: str, groups: set[str]) -> set[str]:
        """Ask store to merge these groups' answers: those that it was asked for."""
        ordered = sorted(groups)
        outgoing = [messages.encode_store(StoreMessage(run_id, group)) for group in ordered]
        unsent = queues.send_all(self._sqs, self._store_queue_url, outgoing) if outgoing else set()
        return {group for index, group in enumerate(ordered) if index not in unsent}
