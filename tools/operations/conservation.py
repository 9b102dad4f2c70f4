"""Conservation of any pipeline whose outputs have a function `conservation`: the deployed check of
terraform/modules/conservation says what was accepted and is not settled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from rich.console import Console

from tools.common.errors import CommandError
from tools.common.text import counted, visible
from tools.operations.deployment import Deployment
from tools.operations.findings import Finding, Invariant
from tools.operations.invoke import invoke
from tools.operations.queues import depth

FUNCTION = "conservation"
SAYS = {"accepted": int, "missing": int, "hashes": list}
GUIDE = "terraform/modules/conservation"


class Conservation(Invariant):
    """Every witness that was accepted is settled. `fate`: what became of none of the missing.

    `queues`: those that hold items, by default all. What is in them is late, and not missing.
    """

    well = "0 missing"

    def __init__(
        self,
        deployment: Deployment,
        item: str = "item",
        fate: str = "settled by nobody",
        queues: Collection[str] | None = None,
    ) -> None:
        self._deployment, self._item, self._fate = deployment, item, fate
        latency = deployment.outputs.get("settings", {}).get("latency_seconds")
        self._late = f"after {float(latency):.0f} s" if latency else "in time"
        self._command = f"make conservation {deployment.words}"
        held = [deployment.outputs["queues"][one] for one in queues or deployment.outputs["queues"]]
        sqs = deployment.client("sqs")
        # before the check: what is settled meanwhile was late at worst
        self._queued = sum(depth(sqs, one[url]).total for one in held for url in ("url", "dead_letter_url"))
        answer = checked(deployment)
        self._missing, self._count = set(answer["hashes"]), max(answer["missing"], len(answer["hashes"]))

    def wrong(self) -> Iterator[Finding]:
        """Witnesses that are not settled: missing where no queue holds anything."""
        if self._missing:
            are = "is" if self._count == 1 else "are"
            cause = f"{counted(self._count, f'accepted {self._item}')} {are} "
            cause += f"late, {self._fate} {self._late}" if self._queued else f"missing, {self._fate}"
            if self._queued:
                cause += f", while {counted(self._queued, 'message')} {'waits' if self._queued == 1 else 'wait'}"
            yield Finding(cause, self._command)

    def look(self) -> Iterator[str]:
        """Let the deployed check compare accepted and settled."""
        now = checked(self._deployment)
        if new := set(now["hashes"]) - self._missing:
            cause = f"{len(new)} accepted witnesses are not settled {self._late} ({min(new)} …)"
            yield Finding(cause, self._command)
        yield f"{now['accepted']} witnesses, {now['missing']} missing"


def checked(deployment: Deployment) -> dict[str, Any]:
    """What the deployed check answers: accepted, missing, hashes …

    Raises CommandError when it cannot be asked, or is none of ours.
    """
    if FUNCTION not in deployment.outputs["functions"]:
        told = f"the outputs of {deployment.pipeline} have no function {FUNCTION!r}: {GUIDE} makes one"
        raise CommandError(f"nobody knows what {deployment.pipeline} has lost: {told}")
    answer = invoke(deployment, FUNCTION, {})
    if wrong := [name for name, kind in SAYS.items() if not isinstance(answer.get(name), kind)]:
        raise CommandError(f"{FUNCTION} answers without {', '.join(wrong)}: {GUIDE} says which function it is to be")
    return answer


def run(deployment: Deployment, console: Console) -> int:
    """Print what the deployed check says; 1 when a witness is missing or a letter is dead."""
    answer = checked(deployment)
    looked = "" if answer.get("one_in", 1) == 1 else f", one in {answer['one_in']} looked at"
    if answer.get("not_judged"):
        looked += f", {answer['not_judged']} not judged (their key changed meanwhile)"
    dead = {
        name: depth(deployment.client("sqs"), queue["dead_letter_url"]).total
        for name, queue in deployment.outputs["queues"].items()
    }
    lines = [f"  {one}: accepted and not settled" for one in answer["hashes"]]
    lines += [
        f"{counted(count, 'dead letter')} in {name}: not settled → make redrive {deployment.words} QUEUE={name}"
        for name, count in dead.items()
        if count
    ]
    accepted = counted(answer["accepted"], "witness", "es")
    total = f"{deployment.pipeline}: {accepted} accepted{looked}; {answer['missing']:,} missing"
    for line in [*lines, total]:
        console.print(visible(line), soft_wrap=True, highlight=False, markup=False)
    return int(bool(answer["missing"] or any(dead.values())))
