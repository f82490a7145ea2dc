"""Who said what and where, and how it is shown to others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content.rich_text import rich_elements
from bot.desk.arrivals import Attachment
from bot.service.house import House
from bot.storage.accounts import LinkedAccount
from bot.storage.unit_of_work import UnitOfWork

MENTION = re.compile(r"<@([UW][A-Z0-9]+)")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something."""

    user: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """One message; `ts` is Slack's, or the form's id for words that never were a message."""

    ts: str
    user: str
    name: str
    text: str


def with_files(text: str, files: Sequence[Attachment]) -> str:
    """A text with the names of its files below it, each on a line of its own."""
    names = "\n".join(f"📎 {file.name or 'file'}" for file in files)
    return f"{text}\n{names}".strip()


def names_in(uow: UnitOfWork, house: House, text: str) -> dict[str, str]:
    """Slack user id → name for the people mentioned in a text, as far as we know them."""
    found = {house.identity.user: house.identity.name}
    for user in set(MENTION.findall(text)):
        person = uow.accounts.person(user)
        if person is not None:
            found[user] = person.name
    return found


def rich(uow: UnitOfWork, house: House, text: str, speaker: str = "") -> list[dict[str, Any]]:
    """The elements of a rich_text block, in which nothing rings, links or lies."""
    return rich_elements(text, names_in(uow, house, text), speaker)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation takes place and for whom."""

    account: LinkedAccount
    channel: str
    thread: str
    """Root of the thread, also in a DM."""
    actor: Actor
    on_board: bool = False
    """In the thread of the pinned board, which everybody shares."""

    @property
    def memory(self) -> str:
        """What the conversation is remembered by: on the board everybody has their own."""
        return f"{self.thread}:{self.actor.user}" if self.on_board else self.thread

    @property
    def request_thread(self) -> str:
        """Where a request opened here lives; one from the board starts a thread of its own."""
        return "" if self.on_board else self.thread


Say = Callable[..., None]
"""Owes one rendered template in the place of the conversation."""
