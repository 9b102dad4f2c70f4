"""Settings: environment variables read into a Pydantic model, or a clear refusal to start."""

import gc
import os
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class SettingsError(Exception):
    """The environment's variables do not fit; the text names each of them and what to do."""


def load(model: type[M], environ: Mapping[str, str] = os.environ) -> M:
    """Build `model` from the variables named like its fields in upper case.

    Raises SettingsError naming every variable that is missing or wrong.
    """
    variables = {field: field.upper() for field in model.model_fields}
    values = {field: environ[name] for field, name in variables.items() if name in environ}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = "\n".join(
            f"  {_explain(problem)}" for problem in error.errors(include_url=False)
        )
    wrong = f"{model.__name__} cannot be read from the environment variables:\n{problems}"
    raise SettingsError(f"{wrong}\nSet them on the function and deploy it again.")


def at_start(build: Callable[[], object]) -> None:
    """On Lambda, run `build` now; elsewhere leave it to the first call.

    So wrong settings fail at start, and clients are made there. What is there by then stays: the
    garbage collector, which `shared` has paused, never looks at it again.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        build()
        gc.freeze()
        gc.enable()


def _explain(problem: Any) -> str:
    if not problem["loc"]:
        return str(problem["msg"])
    name, *inside = problem["loc"]
    at = "".join(f"[{part}]" for part in inside)
    if problem["type"] == "missing":
        return f"{str(name).upper()}{at} is not set"
    return f"{str(name).upper()}{at}: {problem['msg']}, got {str(problem['input'])[:64]!r}"
