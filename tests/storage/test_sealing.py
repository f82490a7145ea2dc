"""Tokens in the database: sealed, readable with every key that is set, and with no other."""

from __future__ import annotations

import pytest

from bot.desk.errors import SetupFault
from bot.storage.sealing import TokenKeys, Tokens, new_key

TOKENS = Tokens("-".join(("xoxb", "bot")), "-".join(("xoxe", "refresh")))
TEAM = "T0BOREALIS"


def test_what_is_sealed_can_be_opened_and_shows_nothing() -> None:
    keys = TokenKeys([new_key()])
    sealed = keys.seal(TEAM, TOKENS)
    assert keys.open(TEAM, sealed) == TOKENS
    for secret in (TOKENS.bot, TOKENS.refresh):
        assert secret not in sealed
        assert secret not in repr(TOKENS)
    assert sealed != keys.seal(TEAM, TOKENS)


def test_the_first_key_seals_and_all_of_them_open() -> None:
    old, new = new_key(), new_key()
    sealed = TokenKeys([old]).seal(TEAM, TOKENS)
    both = TokenKeys([new, old])
    assert both.open(TEAM, sealed) == TOKENS
    assert TokenKeys([new]).open(TEAM, both.seal(TEAM, TOKENS)) == TOKENS


def test_another_key_opens_nothing_and_it_is_said_what_to_do() -> None:
    sealed = TokenKeys([new_key()]).seal(TEAM, TOKENS)
    with pytest.raises(SetupFault) as fault:
        TokenKeys([new_key()]).open(TEAM, sealed)
    assert TEAM in str(fault.value)
    assert "SUPPORTBOT_TOKEN_KEYS" in str(fault.value)


def test_tokens_copied_into_another_workspaces_row_open_nothing() -> None:
    keys = TokenKeys([new_key()])
    with pytest.raises(SetupFault, match="holds the tokens of T0BOREALIS"):
        keys.open("T0LOTUS", keys.seal(TEAM, TOKENS))


def test_what_is_changed_opens_nothing() -> None:
    keys = TokenKeys([new_key()])
    sealed = keys.seal(TEAM, TOKENS)
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    with pytest.raises(SetupFault):
        keys.open(TEAM, changed)


@pytest.mark.parametrize("wrong", ["short", "ä" * 44, "a" * 44 + "=="])
def test_what_is_no_key_is_named_by_its_place(wrong: str) -> None:
    with pytest.raises(SetupFault, match="entry 2 is no key"):
        TokenKeys([new_key(), wrong])


def test_without_a_key_it_is_said_how_to_make_one() -> None:
    with pytest.raises(SetupFault, match="supportbot workspaces new-key"):
        TokenKeys([])
