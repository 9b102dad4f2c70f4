"""`python -m tools.local_cloud.emulator_process DESCRIPTOR`: the emulator behind the front.

Started by tools.local_cloud.emulator, which bound the socket, in the emulator's virtual
environment: of ours it imports the front and what serves behind it. The emulator listens nowhere
else.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from tools.common.loopback import TOKEN_VARIABLE
from tools.local_cloud.emulator_alb import let_listeners_verify, let_nobody_else_answer_there
from tools.local_cloud.front import of_emulator
from tools.local_cloud.serving import serve

# AWS asks for these of a batch too; ministack asks for "…Batch", which AWS does not know
OF_BATCHES = {"sqs:sendmessage", "sqs:changemessagevisibility", "sqs:deletemessage"}
READY_AFTER_SECONDS = 0.02  # of a function that was made or changed; ministack has half a second
DIED, TOO_LONG = "Worker process died", "Task timed out"  # ministack's words
EXITED = "Runtime exited with error: signal: killed"  # Lambda's
KEEP_ALIVE_SECONDS = 75  # as ministack's own start has it, and the many open files too


def main(descriptor: int) -> None:
    """Serve until stopped."""
    front = of_emulator(os.environ.pop(TOKEN_VARIABLE))  # functions inherit what is left
    del os.environ["PYTHONPATH"]
    from ministack.app import app

    let_policies_know_batches()
    let_functions_be_ready_soon()
    let_logs_say_who_died()
    let_listeners_verify()
    let_nobody_else_answer_there()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    serve(front, app, descriptor, keep_alive_timeout=KEEP_ALIVE_SECONDS, loglevel=os.environ["LOG_LEVEL"])


def let_policies_know_batches() -> None:
    """Let a statement on messages be one on their batches, as it is on AWS."""
    from ministack.core import iam_evaluator

    parse = iam_evaluator.parse_policy_document

    def parse_with_batches(document: Any) -> list[Any]:
        statements: list[Any] = parse(document)
        for statement in statements:
            for actions in (statement.actions, statement.not_actions):
                actions += [f"{action}Batch" for action in actions if action.lower() in OF_BATCHES]
        return statements

    iam_evaluator.parse_policy_document = parse_with_batches


def let_functions_be_ready_soon() -> None:
    """Have a function that was made or changed ready at once, by the same steps as on AWS."""
    from ministack.services import lambda_svc

    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = READY_AFTER_SECONDS


def let_logs_say_who_died() -> None:
    """Write the line of Lambda's in a log where a function's process died or took too long."""
    from ministack.core import lambda_runtime

    invoke = lambda_runtime.Worker.invoke

    def told(worker: Any, event: Any, request_id: str, **more: Any) -> dict[str, Any]:
        response: dict[str, Any] = invoke(worker, event, request_id, **more)
        error = str(response.get("error", ""))
        if error == DIED or error.startswith(TOO_LONG):
            said = EXITED if error == DIED else error
            response["log"] = f"{response.get('log') or ''}\nRequestId: {request_id} Error: {said}"
        return response

    lambda_runtime.Worker.invoke = told


if __name__ == "__main__":
    main(int(sys.argv[1]))
