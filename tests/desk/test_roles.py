from __future__ import annotations

import pytest

from bot.desk.errors import NotAllowed
from bot.desk.roles import Deed, Role, public_part, require

TABLE = """
                    stranger customer staff admin
ask                 yes      yes      yes   yes
open_request        no       yes      no    no
see_own_requests    no       yes      no    no
update_own_request  no       yes      no    no
work_on_requests    no       no       yes   yes
change_accounts     no       no       no    yes
announce            no       no       no    yes
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (Role(role), Deed(row[0]), answer)
    for row in ROWS
    for role, answer in zip(HEAD, row[1:], strict=True)
]


@pytest.mark.parametrize(("role", "deed", "answer"), CELLS)
def test_who_may_do_what(role: Role, deed: Deed, answer: str) -> None:
    if answer == "yes":
        require(role, deed)
    else:
        with pytest.raises(NotAllowed) as refused:
            require(role, deed)
        assert refused.value.reason == f"not_allowed.{deed}"


def test_the_table_has_a_cell_for_every_role_and_deed() -> None:
    assert {cell[:2] for cell in CELLS} == {(role, deed) for role in Role for deed in Deed}


@pytest.mark.parametrize(
    "text", ["// not for them", "//x", "  // indented", "🔒 secret", "see 🔒 this", ":lock: no"]
)
def test_a_note_stays_inside(text: str) -> None:
    assert public_part(text) == ""


@pytest.mark.parametrize("text", ["We are on it.", "see https://example.com", "a // b"])
def test_other_words_go_to_the_customer(text: str) -> None:
    assert public_part(text) == text


def test_only_the_lines_of_a_note_stay_inside() -> None:
    said = "We are looking.\n// they are on Basic\nMore at noon.\n🔒 ask sales first"
    assert public_part(said) == "We are looking.\nMore at noon."
