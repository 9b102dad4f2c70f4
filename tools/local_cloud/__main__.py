"""`python -m tools.local_cloud up|down`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from tools.common.commands import CommandParser
from tools.common.errors import CommandError
from tools.environment import pipeline_rooms
from tools.environment.outputs import NONE, pipelines_in
from tools.local_cloud import pipeline
from tools.local_cloud.runs import Run


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    parser = CommandParser(prog="local_cloud", description=__doc__)
    up = parser.add_command("up", _up)
    up.add_variable("PORT", int, about="a fixed port instead of any free one")
    up.add_variable("PIPELINE", default="", about="one alone instead of all")
    up.add_switch("JWT", about="whether the API asks for a token, of an issuer on this machine")
    up.add_variable("STACK", default="", about="a root module of yours instead of environments/local")
    up.add_variable("SOURCE", default="", about="its functions, <pipeline>/<function>.py, to pack")
    up.add_variable("VARS", default="", about="a .tfvars file with its variables")
    parser.add_command("down", _down)
    return parser.run()


def _up(options: argparse.Namespace) -> int:
    from tools.local_cloud import stack
    from tools.local_cloud.exclusive import lasting_run
    from tools.local_cloud.root_module import RootModule

    run, say = Run.named("local"), partial(print, flush=True)
    if not options.stack and (options.source or options.vars):
        raise CommandError("SOURCE and VARS are of a root module of yours: name it by STACK=path/to/root")
    if options.stack and options.jwt:
        raise CommandError("JWT=yes is of environments/local: which issuer your APIs ask, your root module says")
    if options.stack and options.pipeline:
        raise CommandError("PIPELINE is of environments/local: your root module says what is in it")
    pipelines = pipeline_rooms.chosen(options.pipeline)
    with lasting_run(run):
        if options.stack:
            root = RootModule.of(options.stack, options.source, options.vars)
            stack.up_with(run, say, root, port=options.port)
            _say_what_is_up(run)
            return 0
        issuer = stack.up(run, say, port=options.port, tokens=bool(options.jwt), pipelines=pipelines)
    outputs = run.outputs()
    print(f"up: outputs are in {run.outputs_file}{f'; tokens are of {issuer.address}' if issuer else ''}")
    for name, one in pipeline.pipelines().items():
        if name in outputs:
            for line in one.lines(outputs[name], partial(issuer.sign, name) if issuer else None):
                print(f"{name}: {line}" if not line.startswith("curl ") else line)
    return 0


def _say_what_is_up(run: Run) -> None:
    outputs = run.outputs()
    print(f"up: outputs are in {run.outputs_file}")
    for name in (pipelines := pipelines_in(outputs)):
        print(f"{name}: {outputs[name].get('api_url') or 'no api_url among its outputs'}")
    if not pipelines:
        print(f"make status, logs and redrive have nothing to read: {NONE}")


def _down(_: argparse.Namespace) -> int:
    from tools.local_cloud import stack

    run = Run.named("local")
    with run.locked():
        print("stopped; all that it held is gone" if stack.down(run) else "nothing was up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
