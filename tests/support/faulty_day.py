"""A bad day: people write, the network and Slack misbehave, processes die – and then an audit.

Customers write roots that open requests and replies in their threads; staff answer in the cards'
threads. Every reply carries a word of its own, so that its effect can be counted: it has to be in
the other side's thread exactly once, and everything the bot posts exactly once, in the order in
which it was owed.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlmodel import select

from bot.content.plans import PlanBook
from bot.sandbox.rate_limits import RateLimits
from bot.sandbox.records import Message
from bot.sandbox.scenes import demo_scene
from bot.sandbox.server import Sandbox
from bot.service.accounts import AccountChange, change_account
from bot.settings import Settings, load_settings
from bot.storage.database import Database, utc_now
from bot.storage.tables import Inbox, Outbox, SupportRequest
from bot.storage.unit_of_work import work
from bot.storage.upgrade import upgrade
from tests.support.forked_bots import ROOT, Child, ForkedBots

OPENS = "@supportbot I want to talk to a person about case {word}"
WORD = re.compile(r"\b(?:case|note)[0-9]{5,}x\b")
RETRY_AFTER = (0.1, 0.5, 1.5)
"""Slack's three further tries, in seconds here; what all four miss is for the catch-up."""
SHIFT = 4
"""Requests after which a colleague writes on: thirty things in a minute, replies counted, are too
many for one person."""
ACK_SECONDS = 1.0
ENDS = ("done", "sent", "dead")


@dataclass(slots=True)
class Thread:
    """A request as its people see it."""

    customer: str
    channel: str
    root: str
    word: str
    confirmed: bool = False
    card_channel: str = ""
    card: str = ""
    """What staff answer below: the first copy they see, also after its deletion."""
    card_key: str = ""
    said: list[str] = field(default_factory=list)
    """Words of customers' replies."""
    answered: list[str] = field(default_factory=list)
    """Words of staff's replies."""


@dataclass(slots=True)
class Audit:
    """What the day came to."""

    messages: int = 0
    posts: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.unfinished)

    def __str__(self) -> str:
        return (
            f"{self.messages} messages, {self.posts} posts: {len(self.lost)} lost,"
            f" {len(self.doubled)} doubled, {len(self.out_of_order)} out of order,"
            f" {len(self.unfinished)} unfinished"
        )


@dataclass(slots=True)
class FaultyDay:
    """Use as a context manager. Bots are started and killed by the caller."""

    url: str
    folder: Path
    cache: Path
    seed: int = 1
    customers: int = 4
    threads: list[Thread] = field(default_factory=list)
    sandbox: Sandbox = None  # type: ignore[assignment]
    database: Database = None  # type: ignore[assignment]
    bots: ForkedBots = None  # type: ignore[assignment]
    _count: int = 10_000
    _people: list[tuple[str, str]] = field(default_factory=list)
    _written: Counter[str] = field(default_factory=Counter)
    _undo: ExitStack = field(default_factory=ExitStack)
    _random: random.Random = field(default_factory=random.Random)
    _by_root: dict[tuple[str, str], Thread] = field(default_factory=dict)
    _by_request: dict[str, Thread] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._random.seed(self.seed)
        self.sandbox = Sandbox(
            demo_scene(),
            ROOT / "app.yml",
            rate_limits=RateLimits.off(),
            retry_after=RETRY_AFTER,
            ack_seconds=ACK_SECONDS,
            seed=self.seed,
        )
        self._undo.enter_context(self.sandbox)
        self.database = Database(self.url)
        self._undo.callback(self.database.close)
        upgrade(self.database)
        for _ in range(self.customers):
            self.add_customer()
        self._undo.callback(self.sandbox.workspace.feed.listen(self._noticed))
        self.bots = self._undo.enter_context(ForkedBots(self._settings(), self.folder / "bots.log"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._undo.close()

    def _settings(self) -> Settings:
        environment = {
            "SLACK_BOT_TOKEN": self.sandbox.bot_token,
            "SLACK_APP_TOKEN": self.sandbox.app_token,
            "SLACK_API_URL": self.sandbox.base_url,
            "SUPPORTBOT_DATABASE_URL": self.url,
            "SUPPORTBOT_STAFF_CHANNEL": self.sandbox.workspace.find_channel("support-desk").id,
            "SUPPORTBOT_CACHE": str(self.cache),
            "SUPPORTBOT_UNDO_SECONDS": "0",
        }
        return load_settings(environment, ROOT)

    # --- people ---------------------------------------------------------------------------------

    def add_customer(self) -> None:
        """A company with one person in one linked channel, whose board is not posted yet."""
        workspace = self.sandbox.workspace
        number = len(self._people)
        home = workspace.add_organisation(f"Company {number}", f"company-{number}")
        person = workspace.add_person(home, f"person-{number}", f"Person {number}")
        staff = [workspace.find_person(name) for name in ("mika", "arun", "supportbot")]
        channel = workspace.add_channel(f"ext-{number}", [person, *staff], shared_with=[home])
        with work(self.database, utc_now()) as uow:
            change = AccountChange(f"Company {number}", channel.id, "standard")
            change_account(uow, _plans(), change)
        self._people.append((person.id, channel.id))

    def open_request(self, customer: int | None = None) -> Thread:
        """A customer writes a message that becomes a request."""
        company = self._random.randrange(len(self._people)) if customer is None else customer
        person, channel = self._writer(company)
        word = self._word("case")
        with self.sandbox.workspace.lock:
            sent = self.sandbox.say(person, channel, OPENS.format(word=word))
            thread = Thread(person, channel, sent.ts, word)
            self._by_root[channel, sent.ts] = thread
        self.threads.append(thread)
        return thread

    def _writer(self, company: int) -> tuple[str, str]:
        """Who writes next and where: nobody more often than the bot lets one person in a minute."""
        person, channel = self._people[company]
        self._written[person] += 1
        if self._written[person] >= SHIFT:
            workspace = self.sandbox.workspace
            home = workspace.organisations[workspace.find_person(person).organisation]
            number = sum(self._written.values())
            colleague = workspace.add_person(home, f"colleague-{number}", f"Colleague {number}")
            workspace.join(workspace.find_channel(channel), colleague)
            self._people[company] = (colleague.id, channel)
        return person, channel

    def reply(self, thread: Thread) -> None:
        """The customer adds something to a request that was confirmed."""
        word = self._word("note")
        thread.said.append(word)
        self.sandbox.say(thread.customer, thread.channel, f"one more {word}", thread_ts=thread.root)

    def answer(self, thread: Thread) -> None:
        """Staff answer in the card's thread."""
        word = self._word("note")
        thread.answered.append(word)
        self.sandbox.say("mika", thread.card_channel, f"we see {word}", thread_ts=thread.card)

    def somebody_writes(self) -> None:
        """One message of a lively day."""
        live = [thread for thread in self.threads[-40:] if thread.confirmed]
        chance = self._random.random()
        if chance < 0.08 or not live:
            unconfirmed = sum(not thread.confirmed for thread in self.threads[-40:])
            if unconfirmed < 20:
                self.open_request()
            return
        thread = self._random.choice(live)
        if thread.card and chance < 0.5:
            self.answer(thread)
        else:
            self.reply(thread)

    def _word(self, kind: str) -> str:
        self._count += 1
        return f"{kind}{self._count}x"

    @property
    def written(self) -> int:
        return sum(1 + len(t.said) + len(t.answered) for t in self.threads)

    def _noticed(self, change: Any) -> None:
        """People read what the bot writes: the confirmation in the thread, the card."""
        if change.kind != "message_posted":
            return
        message = self.sandbox.workspace.messages.get(change.channel, change.ts)
        key = _key(message) if message is not None else ""
        kind, _, number = key.partition(":")
        if message is None or kind not in ("opened", "card"):
            return
        if kind == "opened":
            thread = self._by_root.get((message.channel, message.thread_ts))
            if thread is not None:
                thread.confirmed = True
                self._by_request[number] = thread
        else:
            thread = self._by_request.get(number) or self._of_word(message.text)
            if thread is not None and not thread.card:
                thread.card_channel, thread.card = message.channel, message.ts
                thread.card_key = key

    def _of_word(self, text: str) -> Thread | None:
        found = WORD.search(text)
        return next((t for t in self.threads if found and t.word == found[0]), None)

    # --- trouble ----------------------------------------------------------------------------------

    def misbehave(self, strength: float = 1.0) -> None:
        """From now on Slack loses, repeats, delays and refuses, now and then."""
        faults = self.sandbox.faults
        for kind in ("lose_ack", "double", "lose_payload", "delay"):
            faults.deliver(kind, times=None, probability=0.03 * strength, seconds=0.3)
        for answer in ("http_500", "ratelimited", "reset", "internal_error"):
            faults.call("chat.postMessage", answer, times=None, probability=0.01 * strength,
                        when="after", retry_after=1)  # fmt: skip
            faults.call("*", answer, times=None, probability=0.01 * strength, retry_after=1)
        faults.call("chat.postMessage", "timeout", when="after", times=None, seconds=1.5,
                    probability=0.005 * strength)  # fmt: skip
        faults.lag_history(0.6)

    def cut_connections(self) -> None:
        """The database server drops every connection to our database."""
        url = sa.make_url(self.url)
        if url.get_backend_name() == "postgresql":
            find = ("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
            with self.database.engine.connect() as connection:
                connection.exec_driver_sql(find)
        elif url.get_backend_name() == "mysql":
            find = ("SELECT id FROM information_schema.processlist"
                    " WHERE db = DATABASE() AND id <> CONNECTION_ID()")  # fmt: skip
            with self.database.engine.connect() as connection:
                for (number,) in connection.exec_driver_sql(find).all():
                    try:
                        connection.exec_driver_sql(f"KILL CONNECTION {number}")
                    except sa.exc.OperationalError:
                        continue  # it has just gone by itself

    # --- the end of the day -----------------------------------------------------------------------

    def settle(self, seconds: float, replicas: int = 1) -> None:
        """Everything works again: let what is owed be done, then stop.

        It may take as long as it goes on: `seconds` without any progress end it.
        """
        self.sandbox.faults.clear()
        fresh: list[Child] = [self.bots.start(reads=10_000) for _ in range(replicas)]
        deadline, most, still = time.monotonic() + seconds, 0, 0
        while time.monotonic() < deadline and still < 3:
            time.sleep(0.25)
            if (done := self._done_rows()) > most:
                deadline, most = time.monotonic() + seconds, done
            quiet = self.sandbox.deliveries.wait_until_quiet(1)
            still = still + 1 if quiet and not self._open_rows() and not self._waited_for() else 0
        for child in fresh:
            child.end()

    def _open_rows(self) -> int:
        return self._rows(sa.column("state").not_in(ENDS))

    def _done_rows(self) -> int:
        return self._rows(sa.column("state").in_(ENDS))

    def _rows(self, which: sa.ColumnElement[bool]) -> int:
        """Of both queues together."""
        with self.database.reading() as session:
            return sum(
                session.execute(
                    sa.select(sa.func.count()).select_from(sa.table(name)).where(which)
                ).scalar_one()
                for name in ("inbox", "outbox")
            )

    def _waited_for(self) -> bool:
        """Something that somebody wrote has no effect yet."""
        return any(not t.confirmed or not t.card for t in self.threads) or bool(
            {word for t in self.threads for word in (*t.said, *t.answered)} - self._shown().keys()
        )

    def outstanding(self) -> int:
        """Rows of either queue that wait, for people who do not want to write too far ahead."""
        return self._open_rows()

    def _shown(self) -> dict[str, list[Message]]:
        """Word → the bot's messages that carry it, in the order of their ts."""
        found: dict[str, list[Message]] = defaultdict(list)
        for message in self._ours():
            for word in set(WORD.findall(message.text)):
                found[word].append(message)
        return found

    def _ours(self) -> list[Message]:
        workspace = self.sandbox.workspace
        with workspace.lock:
            ours = [m for m in workspace.messages.everything() if _key(m)]
        return sorted(ours, key=lambda message: float(message.ts))

    def audit(self) -> Audit:
        """Count every effect."""
        audit = Audit(messages=self.written)
        ours, shown = self._ours(), self._shown()
        audit.posts = len(ours)
        for key, count in Counter(_key(message) for message in ours).items():
            if count > 1:
                audit.doubled.append(f"{key} is there {count} times")
        with self.database.reading() as session:
            inbox = session.exec(select(Inbox)).all()
            outbox = session.exec(select(Outbox)).all()
            requests = session.exec(select(SupportRequest)).all()
        self._audit_rows(audit, inbox, outbox, ours)
        opened = Counter((request.channel, request.thread_ts) for request in requests)
        cards = {_key(message): (message.channel, message.ts) for message in ours}
        order = {(row.payload.get("channel"), row.payload.get("ts")): row.id for row in inbox}
        for thread in self.threads:
            count = opened[thread.channel, thread.root]
            if count != 1:
                problem = audit.doubled if count else audit.lost
                problem.append(f"{thread.word} opened {count} requests")
            for words, place in (
                (thread.said, cards.get(thread.card_key, ("", ""))),
                (thread.answered, (thread.channel, thread.root)),
            ):
                self._audit_words(audit, words, shown, place, order)
        return audit

    def _audit_words(
        self,
        audit: Audit,
        words: list[str],
        shown: dict[str, list[Message]],
        place: tuple[str, str],
        order: dict[Any, Any],
    ) -> None:
        positions = []
        for word in words:
            seen = [m for m in shown.get(word, ()) if (m.channel, m.thread_ts) == place]
            if not seen:
                audit.lost.append(f"{word} did not reach {place}")
            elif len(seen) > 1:
                audit.doubled.append(f"{word} reached {place} {len(seen)} times")
            else:
                # `mirror:<channel>:<ts>:<request>` names the message that is mirrored.
                _, channel, ts, *_ = _key(seen[0]).split(":")
                positions.append((float(seen[0].ts), order.get((channel, ts), 0), word))
        arrived = [number for _, number, _ in sorted(positions)]
        if arrived != sorted(arrived):
            audit.out_of_order.append(f"in {place}: {arrived}")

    def _audit_rows(self, audit: Audit, inbox: Any, outbox: Any, ours: list[Message]) -> None:
        there = {_key(message): message for message in ours}
        audit.unfinished += [f"inbox {r.id}: {r.state} {r.error}" for r in inbox
                             if r.state != "done"]  # fmt: skip
        posts = [row for row in outbox if row.method == "chat.postMessage"]
        for row in outbox:
            if row.state != "sent":
                audit.unfinished.append(f"outbox {row.id} {row.key}: {row.state} {row.error}")
        for row in posts:
            if row.key not in there:
                audit.lost.append(f"{row.key} was never posted")
            elif there[row.key].ts != row.ts:
                audit.doubled.append(f"{row.key} is {there[row.key].ts}, known as {row.ts}")
        lanes: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row in posts:
            if row.key in there:
                lanes[row.lane].append((row.id, float(there[row.key].ts)))
        for lane, sent in lanes.items():
            times = [ts for _, ts in sorted(sent)]
            if times != sorted(times):
                audit.out_of_order.append(f"lane {lane}")


def _key(message: Message) -> str:
    return str(((message.metadata or {}).get("event_payload") or {}).get("key") or "")


_plan_book: list[PlanBook] = []


def _plans() -> PlanBook:
    if not _plan_book:
        from bot.content.folder import load_content

        _plan_book.append(load_content(ROOT).plans)
    return _plan_book[0]
