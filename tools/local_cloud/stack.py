"""The deployed stack on this machine: packages, emulator, and `terraform apply`.

What is applied is environments/local, or a team's own root module, through the attached provider.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.common import private
from tools.common.errors import CommandError
from tools.common.paths import ROOT
from tools.environment import kept_state, terraform
from tools.environment.names import PIPELINES
from tools.environment.staging import staged
from tools.environment.zips import package
from tools.local_cloud import emulator, fault_proxy, issuer, pipeline, server
from tools.local_cloud.issuer import Issuer
from tools.local_cloud.root_module import Applied, RootModule
from tools.local_cloud.runs import Run

Say = Callable[[str], None]

LOCAL = "environments/local"


def up(
    run: Run,
    say: Say,
    *,
    port: int | None = None,
    changed: Mapping[str, Any] | None = None,
    tokens: bool = False,
    pipelines: Sequence[str] = (),
    entrance: str = "",
) -> Issuer | None:
    """Bring a run up, or up to date where it is up already, and write its outputs.json.

    `changed`: what this run has otherwise than environments/local, as `staged` takes it. `tokens`:
    whether its APIs ask for one, of the issuer that is returned. `pipelines`: those that it has
    (all where none is named). `entrance`: the one of votes, where it is not environments/local's.
    Raises CommandError.
    """
    say("packages for this machine")
    variables = package("local", pipelines=pipelines)
    _emulator(run, say, port, LOCAL)
    otherwise = merged([*_stand_ins(run, say, pipelines), changed or {}])
    tokens_of = issuer.start(run) if tokens else None
    if tokens_of:
        otherwise = merged([otherwise, {"locals": {"jwt": tokens_of.jwt}}])
    if entrance:
        otherwise = merged([otherwise, {"locals": {"votes_entrance": {"entrance": entrance}}}])
    say("terraform apply of environments/local")
    try:
        apply(run, run.state(), variables, otherwise, pipelines)
    except CommandError as error:
        raise CommandError(f"{error}\n`make down`, then `make up`, begins again from nothing") from error
    if not tokens_of:
        issuer.stop(run)  # of an earlier `up`: nobody asks for its tokens now
    return tokens_of


def _stand_ins(run: Run, say: Say, pipelines: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Start what pipelines need beside the emulator; what an environment has otherwise then."""
    for name, one in pipeline.pipelines().items():
        for what, start in one.stand_ins.items() if name in (pipelines or PIPELINES) else ():
            say(what)
            yield start(run)


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Configurations put together, {"locals": …, "module": …}; the later value stands."""
    whole: dict[str, Any] = {}
    for one in parts:
        for name, value in one.items():
            both = isinstance(value, Mapping) and isinstance(whole.get(name), Mapping)
            whole[name] = merged([whole[name], value]) if both else value
    return whole


def apply(
    run: Run, state: Mapping[str, Any], variables: Path, changed: Mapping[str, Any], pipelines: Sequence[str] = ()
) -> None:
    """Apply environments/local to the emulator of a run and write outputs.json."""
    from tools.offline_provider import serve

    root, file = ROOT / "environments" / "local", run.folder / "terraform.tfstate"
    with serve(state["endpoint"], emulator.ROOT_KEYS) as reattach, kept_state.served(file) as backend:
        copy = staged(root, run.folder, changed, backend=backend, pipelines=pipelines)
        extra = {"AWS_ENDPOINT_URL": state["endpoint"]}
        terraform.run(["init", "-input=false"], copy, reattach, extra=extra)
        terraform.run(["apply", "-input=false", "-auto-approve", f"-var-file={variables}"], copy, reattach, extra=extra)
        outputs = terraform.run(["output", "-json"], copy, reattach, extra=extra).stdout
    private.write(run.outputs_file, outputs)


def up_with(run: Run, say: Say, root: RootModule, *, port: int | None = None) -> Applied:
    """The same with a team's own root module instead of environments/local. Raises CommandError."""
    _emulator(run, say, port, str(root.folder))
    if root.ours:
        say(f"modules of this checkout, in place of the release that they name: {', '.join(root.ours)}")
    say(f"packages, and terraform apply of {root.folder}")
    private.write(run.root_file, json.dumps({"folder": str(root.folder), "command": root.command}) + "\n")
    applied = root.apply(run, run.state())
    private.write(run.outputs_file, applied.outputs)
    return applied


def down(run: Run) -> bool:
    """Stop what `up` started; False when nothing ran.

    All that the emulator held is gone with it. Whatever was lost or garbled, it does.
    """
    beside = [name for one in pipeline.pipelines().values() for name in one.stand_ins]
    stopped = [server.stop_beside(run, name) for name in beside]
    stopped += [fault_proxy.stop(run), issuer.stop(run), emulator.stop(run)]
    _forget(run)
    return any(stopped)


def _emulator(run: Run, say: Say, port: int | None, root: str) -> None:
    """Start the emulator for a root module; one that is up goes on with its own alone."""
    if emulator.alive(run):
        held = run.root() or (LOCAL if (run.folder / "terraform.tfstate").exists() else root)
        if held != root:
            raise CommandError(
                f"the local cloud that is up holds {held}: `make down` first, then {root} can be applied"
            )
    else:
        _forget(run)  # what an emulator held went with it
    say("emulator")
    emulator.start(run, port=port)


def _forget(run: Run) -> None:
    for left in (
        run.outputs_file,
        run.root_file,
        run.folder / "terraform.tfstate",
        run.folder / "terraform.tfstate.backup",
    ):
        private.remove(left)
