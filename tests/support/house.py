"""A house on a real database, a clock that is moved by hand, and a Slack that follows a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.content.folder import Content
from bot.desk.arrivals import Arrival
from bot.desk.errors import OutcomeUnknown, SupportbotError
from bot.service.house import House, Identity
from bot.service.ports import Page, Profile
from bot.storage.database import Database
from bot.storage.unit_of_work import work
from bot.understanding.acts import load_acts

ROOT = Path(__file__).parents[2]
STAFF = "C0STAFF"
US = Identity(team="T0US", user="U0BOT", bot="B0BOT")


@dataclass
class Clock:
    """Shows the time it is set to."""

    now: datetime = datetime(2026, 11, 18, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class ScriptedSlack:
    """Keeps what is posted; `next_outcomes` says how the calls go, the rest go well.

    An `OutcomeUnknown` named "lost answer" is raised after the message was taken.
    """

    next_outcomes: list[SupportbotError | None] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    looked_for: list[str] = field(default_factory=list)
    profiles: dict[str, Profile | SupportbotError] = field(default_factory=dict)
    history: dict[tuple[str, str], list[Sequence[Arrival] | SupportbotError]] = field(
        default_factory=dict
    )
    read: list[tuple[str, str, datetime]] = field(default_factory=list)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    """Channel and ts of what is not there any more, for who asks for it alone."""
    asked_for: list[tuple[str, str]] = field(default_factory=list)
    during_call: Callable[[], None] = lambda: None

    def at(self, workspace: str = "", channel: str = "") -> ScriptedSlack:
        return self

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        self.calls.append((method, dict(arguments)))
        self.during_call()
        outcome = self.next_outcomes.pop(0) if self.next_outcomes else None
        if outcome is not None and "lost answer" not in str(outcome):
            raise outcome
        ts = f"{1000 + len(self.posted)}.0"
        if method == "chat.postMessage":
            self.posted.append({**arguments, "ts": ts})
        if outcome is not None:
            raise outcome
        return {"ok": True, "ts": ts}

    def respond(self, url: str, payload: Mapping[str, Any]) -> None:
        self.calls.append((url, dict(payload)))

    def find_posted(self, channel: str, thread_ts: str, key: str, since: datetime) -> str:
        self.looked_for.append(key)
        for message in self.posted:
            same_place = (message["channel"], message.get("thread_ts", "")) == (channel, thread_ts)
            if same_place and message["metadata"]["event_payload"]["key"] == key:
                return str(message["ts"])
        return ""

    def profile(self, user: str) -> Profile | None:
        self.calls.append(("users.info", {"user": user}))
        found = self.profiles.get(user)
        if isinstance(found, SupportbotError):
            raise found
        return found

    def channel_name(self, channel: str) -> str:
        return channel.lower()

    def past(self, channel: str, thread_ts: str, since: datetime, cursor: str) -> Page:
        """Pages of `history` by place; a page may be an error. The first is asked for as ""."""
        self.read.append((channel, thread_ts, since))
        pages = self.history.get((channel, thread_ts), [])
        number = int(cursor or 0)
        if not pages:
            return Page(())
        page = pages[number]
        if isinstance(page, SupportbotError):
            pages[number] = ()
            raise page
        return Page(page, str(number + 1) if number + 1 < len(pages) else "")

    def still_there(self, channel: str, thread_ts: str, ts: str) -> bool:
        self.asked_for.append((channel, ts))
        return (channel, ts) not in self.deleted

    def texts(self) -> list[str]:
        return [message["text"] for message in self.posted]


LOST_ANSWER = OutcomeUnknown("chat.postMessage: lost answer")


def house_of_two(database: Database, content: Content, clock: Clock) -> House:
    """Two customers: *Ours* in C1 and *Theirs* in C2; what understands and answers is not there."""
    made = House(
        database=database,
        content=content,
        reader=None,  # type: ignore[arg-type]
        acts=load_acts(ROOT / "intents" / "dialogue.yml"),
        answers=None,  # type: ignore[arg-type]
        identity=US,
        staff_channel=STAFF,
        clock=clock,
    )
    with work(database, clock()) as uow:
        for name, channel in (("Ours", "C1"), ("Theirs", "C2")):
            account = uow.accounts.add(name, "standard", "Europe/Stockholm", "en")
            uow.accounts.link(channel, account.id or 0)
    return made
