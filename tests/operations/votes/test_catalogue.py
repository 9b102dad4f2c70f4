"""CSV to catalogue rows: every wrong line is named, and then nothing is written."""

from typing import Any

import pytest

from tools.common.errors import CommandError
from tools.operations.votes.catalogue import put
from tools.operations.votes.catalogue_file import Title, parse


def test_titles_with_and_without_windows() -> None:
    titles = parse(
        "title_id,name,opens,closes\nmv1,Alien,2026-01-01T00:00:00Z,2026-01-02T00:00:00+01:00\n\nmv2,,,\n"
    ).titles
    assert titles == [Title("mv1", "Alien", 1767225600, 1767308400), Title("mv2", None, None, None)]
    assert titles[0].item() == {
        "title_id": {"S": "mv1"},
        "name": {"S": "Alien"},
        "opens": {"N": "1767225600"},
        "closes": {"N": "1767308400"},
    }
    assert titles[1].item() == {"title_id": {"S": "mv2"}}


def test_columns_in_any_order_and_only_those_needed() -> None:
    assert parse("closes,title_id\n2026-01-01T00:00:00Z,mv1\n").titles == [Title("mv1", None, None, 1767225600)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header"),
        ("title,name\n", "line 1: the header"),
        ("title_id,title_id\n", "line 1: the header"),
        ("title_id,extra\n", "line 1: the header"),
        ("title_id\n", "no title"),
        ("title_id\na b\n", "line 2: title_id 'a b'"),
        (f"title_id\n{'x' * 65}\n", "line 2: title_id"),
        ("title_id,name\nmv1\n", "line 2: has another number of columns"),
        ("title_id,opens\nmv1,2026-01-01\n", "line 2: opens '2026-01-01' must be a time with a zone"),
        ("title_id,opens\nmv1,2026-01-01T00:00:00\n", "line 2: opens"),
        ("title_id,opens,closes\nmv1,2026-01-02T00:00:00Z,2026-01-01T00:00:00Z\n", "line 2: closes"),
        ("title_id\nmv1\nmv1\n", "line 3: mv1 stands in the file twice"),
        (f"title_id,name\nmv1,{'x' * 201}\n", "line 2: name is longer"),
        (
            'title_id,name\nm1,"Rocky\nm2,Alien\n',
            "line 2 is no CSV: unexpected end of data. Is a quot",
        ),
        ('title_id,name\nm0,Up\nm1,"Rocky\nm2,"Alien"\n', "line 3 is no CSV: ',' expected after '\"'"),
        (
            'title_id,name\nm1,"Rocky\nm2,Alien"\nm3,Up\n',
            "line 2: name 'Rocky\\nm2,Alien' holds what cannot",
        ),
        ('title_id,name\nm1,"Rocky\nm2,Alien"\nm3,Up\n', "over 2 lines: is a quotation mark opened there"),
        ("title_id,name\nm1,\x1b[31mRed\n", "line 2: name '\\x1b[31mRed' holds what cannot be printed"),
        ("title_id,name\nm1,a,b\n", "line 2: has another number of columns"),
        ("title_id\nm\x001\n", "line 2"),
        ('title_id,name\nm1,"' + "x" * 200_000 + '"\n', "line 2 is no CSV: field larger"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: Any, message: Any) -> None:
    with pytest.raises(CommandError, match="the file") as error:
        parse(text)
    assert message in str(error.value)


def test_all_wrong_lines_are_said_at_once() -> None:
    with pytest.raises(CommandError) as error:
        parse("title_id\n" + "a b\n" * 30)
    assert "line 2:" in str(error.value)
    assert "line 21:" in str(error.value)
    assert "and 10 more" in str(error.value)


class Table:
    """Takes one row a call."""

    def __init__(self, takes: Any = True) -> None:
        self.rows: list[str] = []
        self.takes = takes

    def batch_write_item(self, RequestItems: Any) -> Any:
        ((table, requests),) = RequestItems.items()
        if self.takes:
            self.rows.append(requests[0]["PutRequest"]["Item"]["title_id"]["S"])
            requests = requests[1:]
        return {"UnprocessedItems": {table: requests} if requests else {}}


def test_rows_that_were_not_taken_are_put_again() -> None:
    table = Table()
    waits: list[float] = []
    put(table, "catalogue", [Title(f"mv{index}", None, None, None) for index in range(6)], waits.append)
    assert table.rows == [f"mv{index}" for index in range(6)]
    assert waits == sorted(waits)


def test_a_throttled_table_ends_it_with_words() -> None:
    waits: list[float] = []
    with pytest.raises(CommandError, match="throttled: 0 of 1 titles"):
        put(Table(takes=False), "catalogue", [Title("mv1", None, None, None)], waits.append)
    assert len(waits) == 8
