"""A plan as `terraform show -json` gives it: its resources, what is not known until apply, and what
refers to what.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from . import identity

# what editors and shells put before a text, the longer ones first
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]")
INSTANCES = re.compile(r"module\.[^.\[]+(?:\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?")
DEEPEST = 12  # of references that lead to references, through modules


class NotYetKnown(Exception):
    """The plan does not say: a rule can neither pass nor fail before an apply.

    The text says what is missing.
    """


class NotConcerned(Exception):
    """The rule says nothing of this resource."""


@dataclass(frozen=True)
class Resource:
    """A planned resource.

    `unknown` is its `after_unknown`; `expressions` its arguments as the configuration has them;
    `region` is None where the plan does not tell.
    """

    address: str
    kind: str
    module: tuple[str, ...]
    index: Any
    region: str | None
    values: Mapping[str, Any] = field(hash=False, compare=False)
    unknown: Mapping[str, Any] = field(hash=False, compare=False)
    expressions: Mapping[str, Any] = field(hash=False, compare=False)

    @property
    def declared(self) -> str:
        """The address without the keys of instances: where the configuration declares it."""
        return INDEX.sub("", self.address)

    def get(self, argument: str, default: Any = None) -> Any:
        """An argument's value, `default` where it is null.

        Raises NotYetKnown where it is set to what only the apply will know.
        """
        if _any_true(self.unknown.get(argument)):
            if argument not in self.expressions:
                return default
            raise NotYetKnown(f"{argument} of {self.address} is not known before apply")
        value = self.values.get(argument)
        return default if value is None else value

    def document(self, argument: str) -> dict[str, Any] | None:
        """An argument that is JSON; None where it is not set. Raises NotYetKnown."""
        text = self.get(argument)
        return json.loads(text) if text else None


class Plan:
    """Resources of one plan, and how they refer to each other."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._root = document.get("configuration", {}).get("root_module", {})
        self._unknown = {
            c["address"]: c["change"].get("after_unknown") or {} for c in document.get("resource_changes", ())
        }
        self._planned = document["planned_values"].get("root_module", {})
        self._providers = document.get("configuration", {}).get("provider_config", {})
        known = document.get("prior_state", {}).get("values", {}).get("root_module", {})
        who = [r["values"] for r, _ in _walk(known, ()) if r["type"] == "aws_caller_identity"]
        self.accounts = {str(one["account_id"]) for one in who}  # none where the plan asked nobody

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """All managed resources by address."""
        return {
            r["address"]: self._resource(r, module) for r, module in _walk(self._planned, ()) if r["mode"] == "managed"
        }

    def of(self, kind: str) -> list[Resource]:
        return [r for r in self.resources.values() if r.kind == kind]

    def mentioned(self, resource: Resource, argument: str) -> set[Resource]:
        """The resources that an argument's expression leads to, through variables and outputs; of
        instances, the one that fits.
        """
        modules = tuple(INDEX.sub("", part).removeprefix("module.") for part in resource.module)
        references = list(_references(resource.expressions.get(argument)))
        if any(reference.startswith("each.value") for reference in references):
            rests = [r.removeprefix("each.value") for r in _longest(references) if r.startswith("each.value")]
            references += [each + rest for each in _longest(list(self._each(resource))) for rest in rests]
        found: dict[str, list[Resource]] = {}
        for declared in self._follow(modules, references, DEEPEST):
            found[declared] = [r for r in self.resources.values() if r.declared == declared]
        return {r for instances in found.values() for r in _nearest(resource, instances)}

    def named(self, resource: Resource, argument: str, kind: str) -> Resource:
        """The one resource of `kind` that an argument names: by its value, or by what it refers to
        where that is not known.

        Raises NotYetKnown if the plan does not tell, or does not hold it.
        """
        try:
            value = str(resource.get(argument, ""))
        except NotYetKnown:
            found = {r for r in self.mentioned(resource, argument) if r.kind == kind}
            if len(found) != 1:
                raise NotYetKnown(
                    f"{argument} of {resource.address} is not known before apply, nor which {kind} it refers to"
                ) from None
            return found.pop()
        return self.meant(value, kind, resource.region, f"{argument} of {resource.address} is {value!r}")

    def meant(self, value: str, kind: str, region: str | None, said: str) -> Resource:
        """The one resource of `kind` that a name, ARN or URL means; a bare name is one of `region`.

        Raises NotYetKnown, with what was `said`, if the plan does not hold it, or two of them.
        """
        found = [other for other in self.of(kind) if value and identifies(value, other, region)]
        if len(found) == 1:
            return found[0]
        may_be = " or ".join(other.address for other in found)
        raise NotYetKnown(f"{said}, which is {may_be or f'no {kind} of this plan'}")

    def about(self, subject: Resource, kind: str, argument: str) -> list[Resource]:
        """The resources of `kind` whose `argument` names `subject`.

        Raises NotYetKnown if there is none, but one that may.
        """
        found, possible = self.candidates(subject, kind, argument)
        if possible and not found:
            raise NotYetKnown(
                f"{argument} of {possible[0].address} is not known before apply, nor whether it means {subject.address}"
            )
        return found

    def candidates(self, subject: Resource, kind: str, argument: str) -> tuple[list[Resource], list[Resource]]:
        """The resources of `kind` whose `argument` names `subject`, and those of which it is not
        known.
        """
        found, possible = [], []
        for other in self.of(kind):
            try:
                if self.named(other, argument, subject.kind) == subject:
                    found.append(other)
            except NotYetKnown:
                leads = self.mentioned(other, argument)
                if _any_true(other.unknown.get(argument)) and (subject in leads or not leads):
                    possible.append(other)
        return found, possible

    def _resource(self, planned: Mapping[str, Any], module: tuple[str, ...]) -> Resource:
        address = planned["address"]
        declared, values = self._declared(INDEX.sub("", address)), planned.get("values", {})
        provider = self._providers.get(declared.get("provider_config_key"), {}).get("expressions", {})
        return Resource(
            address,
            planned["type"],
            module,
            planned.get("index"),
            values.get("region") or provider.get("region", {}).get("constant_value"),
            values,
            self._unknown.get(address, {}),
            declared.get("expressions", {}),
        )

    def _each(self, resource: Resource) -> list[str]:
        return list(_references(self._declared(resource.declared).get("for_each_expression")))

    def _declared(self, declared: str) -> Mapping[str, Any]:
        *path, _kind, _name = declared.split(".")
        module = self._module(tuple(path[1::2]))
        local = ".".join(declared.split(".")[-2:])
        return next((r for r in module.get("resources", ()) if r["address"] == local), {})

    def _module(self, path: Sequence[str]) -> Mapping[str, Any]:
        module: Mapping[str, Any] = self._root
        for name in path:
            module = module.get("module_calls", {}).get(name, {}).get("module", {})
        return module

    def _follow(self, path: tuple[str, ...], references: Sequence[str], deepest: int) -> Iterator[str]:
        """Where the resources are declared that references made in the module at `path` lead to."""
        if deepest == 0:
            return
        for first, second, *rest in (_parts(r) for r in _longest(references)):
            if first == "var" and path:
                call = self._module(path[:-1])["module_calls"][path[-1]]["expressions"].get(second)
                onward = [f"{r}.{'.'.join(rest)}" if r.count(".") == 1 and rest else r for r in _references(call)]
                yield from self._follow(path[:-1], onward, deepest - 1)
            elif first == "module":
                outputs = self._module((*path, second)).get("outputs", {})
                output = next((name for name in rest if name in outputs), None)
                if output is not None:
                    yield from self._follow(
                        (*path, second), list(_references(outputs[output].get("expression"))), deepest - 1
                    )
            elif first.startswith("aws_"):
                yield ".".join([*(f"module.{name}" for name in path), first, second])


@lru_cache(maxsize=16)
def read(path: str) -> Plan:
    """The plan in a file. Raises OSError, ValueError or KeyError where it holds none.

    Its encoding is UTF-8, or what its byte order mark says: PowerShell's `>` writes UTF-16.
    """
    content = Path(path).read_bytes()
    mark = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    return Plan(json.loads(content.decode(mark)))


def identifies(value: str, resource: Resource, region: str | None = None) -> bool:
    """Whether a name, ARN, URL or id is that of a resource; a bare name is one of `region`."""
    means = identity.named(value, region)
    return any(means.agrees(own) for own in identity.of_resource(resource.kind, resource.values, resource.region))


def is_unknown(resource: Resource, argument: str) -> bool:
    """Whether an argument is set to what only the apply will know."""
    try:
        resource.get(argument)
    except NotYetKnown:
        return True
    return False


def _walk(module: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    yield from ((resource, path) for resource in module.get("resources", ()))
    for child in module.get("child_modules", ()):
        yield from _walk(child, tuple(INSTANCES.findall(child["address"])))


def _any_true(unknown: Any) -> bool:
    if isinstance(unknown, Mapping):
        return any(_any_true(value) for value in unknown.values())
    return any(_any_true(value) for value in unknown) if isinstance(unknown, list) else unknown is True


def _references(expression: Any) -> Iterator[str]:
    """All references in an expression, in nested blocks too."""
    if isinstance(expression, Mapping):
        yield from expression.get("references", ())
        for key, value in expression.items():
            if key not in ("references", "constant_value"):
                yield from _references(value)
    elif isinstance(expression, list):
        for value in expression:
            yield from _references(value)


def _longest(references: Sequence[str]) -> list[str]:
    """Terraform lists `a.b.arn` and `a.b`: without those that only begin another."""
    return [r for r in references if not any(o.startswith((f"{r}.", f"{r}[")) for o in references)]


def _parts(reference: str) -> list[str]:
    """["aws_sqs_queue", "this", "arn"] of `aws_sqs_queue.this["a"].arn`; always at least two."""
    return [*INDEX.sub("", reference).split("."), ""] if "." not in reference else INDEX.sub("", reference).split(".")


def _nearest(resource: Resource, instances: Sequence[Resource]) -> list[Resource]:
    """Of the instances of one declaration, those in the resource's own module instance and with its
    own key, if there are such.
    """

    def affinity(other: Resource) -> int:
        return next(
            (i for i, (a, b) in enumerate(zip(resource.module, other.module, strict=False)) if a != b),
            len(resource.module),
        )

    best = max(map(affinity, instances), default=0)
    near = [other for other in instances if affinity(other) == best]
    return [other for other in near if other.index == resource.index and other.index is not None] or near
