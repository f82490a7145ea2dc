"""Telling a person that they may not do this here."""

from __future__ import annotations

from bot.content.templates import Rendered
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language, language_of
from bot.service.directory import is_staff_channel
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork


def refuse(
    uow: UnitOfWork,
    house: House,
    posting: Posting,
    channel: str,
    user: str,
    error: NotAllowed,
    thread: str,
    *,
    whisper: bool = True,
) -> str:
    """Owe the words; returns the outcome for the log."""
    rendered = sentence_of(house, error, speech_to(uow, house, channel, user))
    account = uow.accounts.of_channel(channel) if channel else None
    account_id = account.id if account else None
    if channel and whisper and not channel.startswith("D"):
        posting.whisper(channel, user, rendered, thread=thread, account_id=account_id)
    elif channel:
        posting.message(channel, rendered, thread=thread, account_id=account_id)
    return f"refused: {error.reason}"


def sentence_of(house: House, error: NotAllowed, language: Language) -> Rendered:
    return house.content.templates.message(
        "say", language, sentence=error.reason, words=error.words
    )


def speech_to(uow: UnitOfWork, house: House, channel: str, user: str) -> Language:
    """The language in which a person is spoken to in a channel."""
    if is_staff_channel(uow, house, channel):
        return house.staff_language
    account = uow.accounts.of_channel(channel)
    person = uow.accounts.person(user)
    return account.language if account else language_of(person.language if person else "")
