"""Listings in pages: followed to the end, though they move, repeat themselves, or never end."""

from __future__ import annotations

import random

import pytest

from harvest.pages import MOST_ANEW, MOST_PAGES, by_cursor, by_offset, cursor_of, offset_of
from harvest.parcels import Task
from harvest.vendor import Refused

GROUPS, HOSTS = Task("groups"), Task("hosts", ("g",))


def host(name: str) -> Task:
    return Task("data groups", ("g", name))


def walked(lists: list[list[str]], page: int) -> tuple[list[str], int]:
    """The hosts that a listing finds which is another list at each page; how often it began anew.

    What is found anew counts only where it was not known.
    """
    task: Task | None = HOSTS
    found: list[str] = []
    anew, pages = 0, 0
    while task is not None:
        entries = lists[min(pages, len(lists) - 1)]
        offset = offset_of(task)
        listed = by_offset(task, entries[offset : offset + page], len(entries), host)
        new = [one.path[1] for one in listed.tasks]
        found += [name for name in new if name not in found] if listed.is_anew else new
        anew += bool(listed.is_anew and not listed.tasks)
        task, pages = listed.more, pages + 1
        assert pages < 100
    return found, anew


def test_pages_of_a_list_that_stays_are_followed_with_an_overlap() -> None:
    entries = [f"h{n:02}" for n in range(23)]
    assert walked([entries], 10) == (entries, 0)
    listed = by_offset(HOSTS, entries[:10], 23, host)
    assert listed.more is not None
    assert (offset_of(listed.more), listed.more.id != HOSTS.id) == (7, True)


@pytest.mark.parametrize("page", [1, 2, 3, 4, 7, 23, 50])
def test_any_size_of_page(page: int) -> None:
    entries = [f"h{n:02}" for n in range(23)]
    assert walked([entries], page)[0] == entries


def test_what_vanishes_before_the_next_page_hides_nobody() -> None:
    entries = [f"h{n:02}" for n in range(20)]
    for gone in range(3):
        assert walked([entries, entries[gone:]], 10) == (entries, 0), "the overlap holds"
    found, anew = walked([entries, entries[5:]], 10)
    assert (found, anew) == (entries, 1), "more than the overlap: listed anew, and none twice"


def test_what_appears_before_the_next_page_is_not_listed_twice() -> None:
    entries = [f"h{n:02}" for n in range(20)]
    for new in range(1, 15):
        found, _ = walked([entries, [f"new{n}" for n in range(new)] + entries], 10)
        assert [name for name in found if name.startswith("h")] == entries


def test_lists_that_move_at_random_lose_nobody_who_lasts() -> None:
    rng = random.Random(5)
    for _ in range(300):
        entries = [f"h{n:02}" for n in range(rng.randint(0, 40))]
        moved = [name for name in entries if rng.random() < 0.8]
        found, _ = walked([entries, moved], rng.randint(4, 12))
        assert set(moved) <= set(found)
        assert len(found) == len(set(found))


def test_a_list_that_shrinks_to_nothing_ends() -> None:
    assert walked([[f"h{n}" for n in range(20)], []], 10)[0] == [f"h{n}" for n in range(10)]


def test_a_list_that_never_stays_still_is_refused() -> None:
    task = HOSTS
    for n in range(MOST_ANEW):
        first = by_offset(task, [f"{n}-{m}" for m in range(5)], 9, host)
        assert first.more is not None
        moved = by_offset(first.more, ["other"] * 5, 9, host)
        assert moved.more is not None
        assert not moved.tasks
        task = moved.more
    first = by_offset(task, ["x"] * 5, 9, host)
    assert first.more is not None
    with pytest.raises(Refused, match="listing-moves"):
        by_offset(first.more, ["other"] * 5, 9, host)


def test_an_empty_page_that_is_not_the_last_is_refused() -> None:
    with pytest.raises(Refused, match="page-empty"):
        by_offset(HOSTS, [], 9, host)


def test_a_cursor_is_followed_and_one_that_comes_back_is_refused() -> None:
    first = by_cursor(GROUPS, [HOSTS], "one")
    assert first.more is not None
    assert cursor_of(first.more) == "one"
    second = by_cursor(first.more, [], "two")
    assert second.more is not None
    assert by_cursor(second.more, [HOSTS], None).more is None
    assert by_cursor(second.more, [], "").more is None
    for seen in ("one", "two"):
        with pytest.raises(Refused, match="cursor-repeated"):
            by_cursor(second.more, [], seen)
    for wrong in (7, "x" * 2001, ["one"]):
        with pytest.raises(Refused, match="cursor-unreadable"):
            by_cursor(first.more, [], wrong)


def test_a_listing_that_gives_new_cursors_for_ever_is_refused() -> None:
    task = GROUPS
    for n in range(MOST_PAGES):
        listed = by_cursor(task, [], f"cursor-{n}")
        assert listed.more is not None
        task = listed.more
    with pytest.raises(Refused, match="too-many-pages"):
        by_cursor(task, [], "one more")
    assert len(task.page) < 25_000, "its row stays small"
