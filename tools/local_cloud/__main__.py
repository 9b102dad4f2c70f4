"""`python -m tools.local_cloud up|try|env|down`: what the make targets call."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from tools.common.commands import CommandParser
from tools.environment import pipeline_rooms
from tools.local_cloud import pipeline
from tools.local_cloud.runs import Run


def main() -> int:
    """Run one command; 1 when it could not do what it is for."""
    parser = CommandParser(prog="local_cloud", description=__doc__)
    up = parser.add_command("up", _up)
    up.add_variable("PORT", int, about="a fixed port instead of any free one")
    up.add_variable("PIPELINE", default="", about="one alone instead of all")
    up.add_switch("JWT", about="whether the API asks for a token, of an issuer on this machine")
    up.add_variable("ENTRANCE", default="", about="votes by way of another one: alb, function_url, http_api")
    theirs = parser.add_command("try", _try)
    theirs.add_variable("DIR", default="", about="a root module of yours, a folder of .tf files")
    theirs.add_variable("SOURCE", default="", about="its functions, <pipeline>/<function>.py, to pack")
    theirs.add_variable("VARS", default="", about="a .tfvars file with its variables")
    theirs.add_variable("PORT", int, about="a fixed port instead of any free one")
    theirs.add_switch("WATCH", about="whether to go on, and apply each edit")
    parser.add_command("env", _env)
    parser.add_command("down", _down)
    return parser.run()


def _up(options: argparse.Namespace) -> int:
    from tools.local_cloud import stack
    from tools.local_cloud.exclusive import lasting_run

    run, say = Run.named("local"), partial(print, flush=True)
    pipelines = pipeline_rooms.chosen(options.pipeline)
    with lasting_run(run):
        issuer = stack.up(
            run, say, port=options.port, tokens=bool(options.jwt), pipelines=pipelines, entrance=options.entrance
        )
    outputs = run.outputs()
    print(f"up: outputs are in {run.outputs_file}{f'; tokens are of {issuer.address}' if issuer else ''}")
    for name, one in pipeline.pipelines().items():
        if name in outputs:
            for line in one.lines(outputs[name], partial(issuer.sign, name) if issuer else None):
                print(f"{name}: {line}" if not line.startswith("curl ") else line)
    return 0


def _try(options: argparse.Namespace) -> int:
    from tools.local_cloud import trying
    from tools.local_cloud.root_module import RootModule

    root = RootModule.of(options.dir, options.source, options.vars)
    say = partial(print, flush=True)
    return trying.run(Run.named("local"), root, say, port=options.port, watch=options.watch)


def _env(_: argparse.Namespace) -> int:
    from tools.local_cloud import exports

    print("\n".join(exports.lines(Run.named("local"))))
    return 0


def _down(_: argparse.Namespace) -> int:
    from tools.local_cloud import stack

    run = Run.named("local")
    with run.locked():
        print("stopped; all that it held is gone" if stack.down(run) else "nothing was up")
    return 0


if __name__ == "__main__":
    sys.exit(main())
