from __future__ import annotations

from typing import get_args

import pytest

from bot.desk.errors import NotAllowed
from bot.desk.requests import Action, State, after, id_of, number_of

TABLE = """
          claim    assign   staff_reply take_back customer_reply wait    stale    resolve
new       claimed  claimed  waiting     -         new            waiting -        resolved
claimed   claimed  claimed  waiting     -         claimed        waiting -        resolved
waiting   waiting  waiting  waiting     claimed   claimed        -       resolved resolved
resolved  -        -        resolved    -         resolved       -       -        -
closed    -        -        -           -         closed         -       -        -

          close    reopen   severity    queue          tag      note
new       closed   -        new         new            new      -
claimed   closed   -        claimed     claimed        claimed  -
waiting   closed   -        waiting     waiting        waiting  -
resolved  closed   claimed  -           -              resolved -
closed    -        claimed  -           -              closed   -

          approve  decline  finish
new       claimed  resolved resolved
claimed   claimed  resolved resolved
waiting   claimed  resolved resolved
resolved  -        -        -
closed    -        -        -

          owner_left
new       new
claimed   new
waiting   waiting
resolved  -
closed    -
"""
CELLS = [
    (row[0], action, following)
    for half in TABLE.strip("\n").split("\n\n")
    for head, *rows in [[line.split() for line in half.splitlines()]]
    for row in rows
    for action, following in zip(head, row[1:], strict=True)
]


@pytest.mark.parametrize(("state", "action", "following"), CELLS)
def test_the_life_of_a_request_is_this_table(state: State, action: Action, following: str) -> None:
    if following == "-":
        with pytest.raises(NotAllowed) as refused:
            after(state, action)
        assert refused.value.reason == f"not_now.{action}"
    else:
        assert after(state, action) == following


def test_the_table_has_a_cell_for_every_state_and_action() -> None:
    assert len(CELLS) == len({cell[:2] for cell in CELLS})
    assert {cell[:2] for cell in CELLS} == {
        (state, action) for state in get_args(State) for action in get_args(Action)
    }


@pytest.mark.parametrize("state", ["resolved", "closed"])
def test_a_reopened_request_that_nobody_owns_is_new_again(state: State) -> None:
    assert after(state, "reopen", owned=False) == "new"


def test_a_customers_reply_to_an_unowned_request_makes_nobody_its_owner() -> None:
    assert after("waiting", "customer_reply", owned=False) == "new"


def test_the_first_request_is_sup_1001() -> None:
    assert [number_of(row) for row in (1, 2, 250)] == ["SUP-1001", "SUP-1002", "SUP-1250"]


@pytest.mark.parametrize(
    "written",
    ["SUP-1001", "sup-1001", " SUP 1001 ", "sup1001", "#1001", "1001", "ＳＵＰ－１００１"],
)
def test_a_number_is_understood_however_it_is_written(written: str) -> None:
    assert id_of(written) == 1


@pytest.mark.parametrize(
    "written",
    ["", "SUP-", "SUP-1000", "SUP-999", "SUP-0001", "SUP-12345678901", "TICKET-1001", "1001; --"],
)
def test_what_is_no_number_of_ours_is_none(written: str) -> None:
    assert id_of(written) is None


def test_number_and_row_belong_together() -> None:
    assert [id_of(number_of(row)) for row in (1, 7, 123_456)] == [1, 7, 123_456]
