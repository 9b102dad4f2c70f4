"""A pipeline as it is drawn: what it is made of, where that stands, what passes from what to what.

A node's id is its kind and its name, `queue/ingest`: a queue and a function may have one name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SOURCE, FUNCTION, QUEUE, STORE, TARGET, BIN = "source", "function", "queue", "store", "target", "bin"
KINDS = (SOURCE, FUNCTION, QUEUE, STORE, TARGET, BIN)

Edge = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """Something that is drawn; `column` and `row` from 0."""

    id: str
    kind: str
    label: str
    column: int
    row: int


@dataclass(frozen=True)
class Flow:
    """One pipeline's picture."""

    pipeline: str
    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def plain(self) -> dict[str, Any]:
        """As the page gets it."""
        edges = [{"from": start, "to": end} for start, end in self.edges]
        return {"pipeline": self.pipeline, "title": self.title, "nodes": list(map(asdict, self.nodes)), "edges": edges}


@dataclass(frozen=True)
class Drawing:
    """What a pipeline's room says of its picture: the ids in columns from left to right, "" for an
    empty place, and edges, `from > to`, beside those from queues to their consumers. `apart`: what
    is not drawn, because no item passes it; `quiet`: sends that are not drawn, because they only
    wake somebody, or mend.
    """

    title: str
    columns: tuple[tuple[str, ...], ...]
    edges: tuple[str, ...]
    apart: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()


def edge_of(text: str) -> Edge:
    """An edge as a drawing writes it, `from > to`."""
    start, _, end = text.partition(" > ")
    return start, end


def flow_of(pipeline: str, drawing: Drawing, consumers: Mapping[str, str]) -> Flow:
    """The picture of a pipeline; `consumers`: queue → the function that its mapping wakes.

    Raises ValueError for an edge to what is not drawn.
    """
    nodes = tuple(_nodes(drawing.columns))
    edges = [*(edge_of(text) for text in drawing.edges)]
    edges += [(f"{QUEUE}/{queue}", f"{FUNCTION}/{function}") for queue, function in consumers.items()]
    known = {node.id for node in nodes}
    if astray := [edge for edge in edges if not known.issuperset(edge)]:
        raise ValueError(f"{pipeline}: edges between what is not drawn: {astray}")
    return Flow(pipeline, drawing.title, nodes, tuple(edges))


def name_of(node_id: str) -> str:
    """What a thing is called, without its kind."""
    return node_id.partition("/")[2]


def _nodes(columns: Sequence[Sequence[str]]) -> Iterator[Node]:
    for column, ids in enumerate(columns):
        for row, node_id in enumerate(ids):
            kind, _, label = node_id.partition("/")
            if node_id and kind not in KINDS:
                raise ValueError(f"{node_id!r} is none of {', '.join(KINDS)}")
            if node_id:
                yield Node(node_id, kind, label, column, row)
