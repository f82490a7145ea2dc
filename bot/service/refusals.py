"""Telling a person that they may not do this here."""

from __future__ import annotations

from bot.content.templates import Rendered
from bot.desk.errors import NotAllowed
from bot.desk.meaning import Language
from bot.service.directory import speech
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
    kept: str = "",
    said: str = "",
) -> str:
    """Owe the words to the one who tried; returns the outcome for the log.

    `kept` is what they had typed, which would be lost; `said` tells their language.
    """
    rendered = house.content.templates.message(
        "refused",
        speech(uow, house, channel, user, said),
        sentence=error.reason,
        words=error.words,
        kept=kept,
    )
    account = uow.accounts.of_channel(channel) if channel else None
    account_id = account.id if account else None
    if channel and whisper and not channel.startswith("D"):
        posting.whisper(channel, user, rendered, thread=thread, account_id=account_id)
    else:
        # The App Home has no place for words: there they come as a DM.
        posting.message(channel or user, rendered, thread=thread, account_id=account_id)
    return f"refused: {error.reason}"


def sentence_of(house: House, error: NotAllowed, language: Language) -> Rendered:
    return house.content.templates.message(
        "say", language, sentence=error.reason, words=error.words
    )
