"""What is known from start to stop: content, understanding, documents, who we are in Slack."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.answers.gaps import Asked, Gap
from bot.content.blocks import Mrkdwn
from bot.content.folder import Content
from bot.desk.documents import DocumentAnswer, SectionPlace, Source
from bot.desk.meaning import Hearing, Language, Meaning
from bot.service.in_flight import InFlight
from bot.service.measures import Measures
from bot.service.rush import Rush
from bot.storage.database import Database
from bot.understanding.acts import Acts


class Reader(Protocol):
    """`bot.understanding`."""

    def understand(self, text: str, hearing: Hearing = ...) -> Meaning: ...


class Answerer(Protocol):
    """`bot.answers`, over the version of the pages that `bot.service.serving` has loaded."""

    @property
    def version(self) -> int:
        """Of the imported pages that answer; 0 while nothing was ever imported."""
        ...

    def refresh(self) -> bool:
        """Look for a newer version and swap it in; whether there was one."""
        ...

    def ask(
        self, question: str, language: Language | None = None, subject: str | None = None
    ) -> DocumentAnswer: ...

    def sources_for(self, question: str, language: Language | None = ...) -> tuple[Source, ...]: ...

    def gaps(self, asked: Iterable[Asked]) -> list[Gap]:
        """What the documentation lacks: these questions, similar ones together."""
        ...

    def answer_from(
        self, place: SectionPlace, question: str, language: Language | None = None
    ) -> DocumentAnswer: ...


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is in its workspace (`auth.test`)."""

    team: str
    user: str
    bot: str
    name: str = "supportbot"
    url: str = ""
    """Address of the workspace, with a slash at its end: links to messages begin with it."""


_MOST_UNHEARD = 16


class Wakeup:
    """Tells sleeping loops that there is work; they also look by themselves now and then.

    One ring wakes one loop: all of them would only get into each other's way.
    """

    def __init__(self) -> None:
        self._rings: queue.SimpleQueue[None] = queue.SimpleQueue()

    def ring(self, times: int = 1) -> None:
        for _ in range(times):
            # Unheard rings are kept for few: after a rush they would only wake loops for nothing.
            if self._rings.qsize() < _MOST_UNHEARD:
                self._rings.put(None)

    def wait(self, seconds: float) -> None:
        """Until somebody rings, at most `seconds`."""
        with contextlib.suppress(queue.Empty):
            self._rings.get(timeout=seconds)


@dataclass(frozen=True, slots=True)
class House:
    """Handed to every part of the service; nothing in it changes while the bot runs."""

    database: Database
    content: Content
    reader: Reader
    acts: Acts
    answers: Answerer
    identity: Identity
    staff_channel: str
    clock: Callable[[], datetime]
    admins: frozenset[str] = frozenset()
    staff_language: Language = "en"
    on_call: str = ""
    """Who is called when a promise is missed, until staff name somebody."""
    rating_after: timedelta | None = timedelta(minutes=30)
    """How long after resolving the customer is asked how it was; None: never."""
    keep_for: timedelta | None = None
    """How long after its end a request keeps its words; None: for ever."""
    undo: timedelta = timedelta(0)
    """How long a staff reply waits for second thoughts before it is sent."""
    largest_file: int = 100_000_000
    """Bytes; larger files stay where they are and are linked to."""
    several: bool = False
    """Other workspaces than ours may install the app: what leaves must know through which."""
    mails: bool = False
    """Confirmations and replies go to the requester by e-mail, too."""
    arrived: Wakeup = field(default_factory=Wakeup)
    """Rung when the inbox has something new."""
    owed: Wakeup = field(default_factory=Wakeup)
    """Rung when the outbox has something new."""
    in_flight: InFlight = field(default_factory=InFlight)
    rush: Rush = field(default_factory=Rush)
    missed: threading.Event = field(default_factory=threading.Event)
    """Set when something that Slack sent may not have reached us: the history is read then."""
    undelivered: threading.Event = field(default_factory=threading.Event)
    """Set when the history held something that should have been delivered: who is deaf?"""
    measures: Measures = field(default_factory=Measures)

    def mention(self) -> Mrkdwn:
        """The bot's mention, as it stands in messages."""
        return Mrkdwn(f"<@{self.identity.user}>")
