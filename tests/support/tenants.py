"""Many customers with one word each that is nobody else's, who try each other's doors.

One process without threads. A word in what is owed to another customer's channel or people is a
leak, whether the gate held it back or not; so what is looked at is the outbox, not Slack. So is a
word in a form that is opened, in an e-mail, and any word at all in the log and the audit trail.
"""

from __future__ import annotations

import json
import logging
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import select

from bot.content.folder import Content
from bot.desk.arrivals import (
    Arrival,
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    HomeOpened,
    MessageEdited,
    MessagePosted,
)
from bot.desk.errors import NotAllowed
from bot.log_format import WordlessFormatter
from bot.service.attachments import Attachments
from bot.service.delivery import Delivery
from bot.service.directory import Directory
from bot.service.forms import Forms
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.merge_forms import MERGE_FORMS
from bot.service.pacing import Pacing
from bot.service.ports import Mail, Profile
from bot.service.seeding import Seeding
from bot.service.staff_forms import STAFF_FORMS
from bot.settings import load_settings
from bot.storage.database import Database
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.tables import Audit, Inbox, Outbox, SupportRequest
from bot.storage.unit_of_work import work
from bot.understanding.reader import Understanding
from bot.wiring import build_library
from bot.worker import Worker
from tests.support.house import ROOT, STAFF, US, Clock, ScriptedSlack

WORD = re.compile(r"zq(\d\d)kestrel", re.IGNORECASE)
MIKA = "UMIKA"
_FORMS = ("raise", "rating", "reply", "triage", "request:get_cluster_support")


def able_house(house: House, content: Content, cache: Path) -> House:
    """One that understands and answers."""
    settings = replace(load_settings({"HOME": str(cache)}, ROOT), cache=cache)
    return replace(
        house,
        reader=Understanding.from_catalogue(content.catalogue, cache, lambda *_: None),
        answers=build_library(content, settings, house.database),
    )


@dataclass(frozen=True, slots=True)
class Company:
    number: int

    @property
    def word(self) -> str:
        return f"zq{self.number:02d}kestrel"

    @property
    def name(self) -> str:
        return f"{self.word.capitalize()} Works"

    @property
    def channel(self) -> str:
        return f"C5{self.number:02d}"

    @property
    def user(self) -> str:
        return f"U5{self.number:02d}"

    @property
    def room(self) -> str:
        """Their DM with the bot."""
        return f"D5{self.number:02d}"

    @property
    def address(self) -> str:
        return f"{self.word}@example.com"

    @property
    def cluster(self) -> str:
        return f"{self.word}-prod"


class _Letterbox:
    """A mail server that delivers at once."""

    def __init__(self, mails: list[Mail]) -> None:
        self._mails = mails

    def send(self, mail: Mail) -> None:
        self._mails.append(mail)


class _Log(logging.Handler):
    """Reads along what the bot logs, as `supportbot run` would write it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.words: list[str] = []
        self.setFormatter(WordlessFormatter("%(name)s %(message)s"))
        self.lines = 0
        logging.getLogger("bot").addHandler(self)
        logging.getLogger("bot").setLevel(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines += 1
        if WORD.search(line):
            self.words.append(f"log: {line}")


def _do_not_wait_for_the_disk(database: Database) -> None:
    """Nobody is killed here, and most of the time would go into making commits durable."""
    if database.embedded:
        sa.event.listen(
            database.engine, "connect", lambda it, _: it.execute("PRAGMA synchronous = OFF")
        )
        database.engine.dispose()


class Town:
    """A desk with `count` customers (at most 99); `act` does one thing as anybody."""

    def __init__(self, house: House, clock: Clock, count: int, seed: int) -> None:
        self.house = replace(house, mails=True)
        _do_not_wait_for_the_disk(house.database)
        self.done: Counter[str] = Counter()
        self._clock = clock
        self._random = random.Random(seed)
        self._count = 0
        self._companies = [Company(number) for number in range(1, count + 1)]
        self._of_place = {c.channel: c for c in self._companies}
        self._of_place |= {c.user: c for c in self._companies}
        self._of_place |= {c.room: c for c in self._companies}
        self._slack = ScriptedSlack()
        for one in self._companies:
            self._slack.profiles[one.user] = Profile(
                one.user, f"T{one.user}", one.name, email=one.address
            )
        self._slack.profiles[MIKA] = Profile(MIKA, US.team, "Mika")
        with work(house.database, clock()) as uow:
            for one in self._companies:
                language = ("en", "ja", "zh")[one.number % 3]
                account = uow.accounts.add(one.name, "premium", "UTC", language)
                uow.accounts.link(one.channel, account.id or 0)
                uow.accounts.remember_cluster(account.id or 0, one.cluster)
        house = self.house
        inbox = inbox_lanes(house.database)
        self.mails: list[Mail] = []
        self._log = _Log()
        self._in_forms: list[str] = []
        self._forms = Forms(house)
        self.intake = Intake(house)
        self.delivery = Delivery(
            house,
            self._slack,
            outbox_lanes(house.database),
            Pacing(lambda: clock.seconds() * 1000),
            _Letterbox(self.mails),
        )
        handling = Handling(
            house,
            Directory(house, self._slack),
            Attachments(self._slack),
            Seeding(house, self._slack),
            inbox,
        )
        self.worker = Worker(
            house, handling, inbox, self.delivery, None, None, None,  # type: ignore[arg-type]
            handlers=0, senders=0,
        )  # fmt: skip
        for one in self._companies:  # everybody has something to hide
            self._asks_for_help(one, one)

    @property
    def companies(self) -> list[Company]:
        return self._companies

    def drop(self, company: Company) -> None:
        """It takes no part any more."""
        self._companies.remove(company)

    def act(self) -> None:
        """One operation: somebody does something, mostly with what is another company's."""
        me, other = self._random.sample(self._companies, 2)
        ways: list[Callable[[Company, Company], None]] = [
            self._asks_for_help, self._asks_the_state, self._closes, self._presses,
            self._sends_a_form, self._opens_home, self._searches, self._commands, self._edits,
            self._staff_reply, self._staff_look, self._writes_directly, self._searches_by_command,
            self._opens_a_form,
        ]  # fmt: skip
        way = self._random.choice(ways)
        way(me, other)
        self.done[way.__name__.lstrip("_")] += 1

    def leaks(self) -> list[str]:
        """Every entry of the outbox to a company or its people with another one's word.

        And every form and e-mail with a foreign word; any word in the log or the audit trail.
        """
        found = [*self._in_forms, *self._log.words, *self._in_mails()]
        with self.house.database.reading() as session:
            trail = session.exec(select(Audit)).all()
            found += [f"trail: {one}" for one in trail if WORD.search(str(one.model_dump()))]
            for row in session.exec(select(Outbox)):
                owner = self.owner(row)
                said = json.dumps(row.payload, ensure_ascii=False)
                foreign = {
                    word for word in WORD.findall(said) if owner and int(word) != owner.number
                }
                if foreign and owner:
                    found.append(f"{row.key} ({row.method}) to {owner.name} has {sorted(foreign)}")
        return found

    def _in_mails(self) -> list[str]:
        found = []
        for mail in self.mails:
            words = {*WORD.findall(f"{mail.subject}{mail.text}{mail.html}")}
            if words - {*WORD.findall(mail.recipient)}:
                found.append(f"a mail to {mail.recipient} has {sorted(words)}")
        return found

    def dead(self) -> list[str]:
        """What was given up on either side, with the reason."""
        with self.house.database.reading() as session:
            return [
                row.error
                for table in (Inbox, Outbox)
                for row in session.exec(select(table).where(table.state == "dead"))
            ]

    def logged(self) -> int:
        return self._log.lines

    def seen_by_customers(self) -> int:
        """Entries to customers that carry the customer's own word: the search can find words."""
        with self.house.database.reading() as session:
            return sum(
                self.owner(row) is not None and WORD.search(json.dumps(row.payload)) is not None
                for row in session.exec(select(Outbox))
            )

    def owner(self, row: Outbox) -> Company | None:
        """Who reads it: the channel's company, or the person's for a home and an answer."""
        for place in (row.channel, row.payload.get("user_id"), row.lane.rpartition(":")[2]):
            if place in self._of_place:
                return self._of_place[str(place)]
        return None

    # --- what people do -----------------------------------------------------------------------

    def _arrives(self, arrival: Arrival, event: str) -> None:
        self.intake.save(arrival, event)
        while self.worker.handle_next() or self.delivery.send_next():
            pass

    def _ts(self) -> str:
        self._count += 1
        self._clock.forward(200)  # two messages are two thoughts
        return f"{self._clock.seconds() + self._count / 1000:.6f}"

    def _says(self, me: Company, text: str, thread: str = "") -> str:
        ts = self._ts()
        said = MessagePosted(
            user=me.user, team=f"T{me.user}", channel=me.channel, ts=ts, thread_ts=thread,
            text=f"{self.house.mention()} {text}",
        )  # fmt: skip
        self._arrives(said, ts)
        return ts

    def request_of(self, of: Company) -> SupportRequest | None:
        with self.house.database.reading() as session:
            rows = session.exec(
                select(SupportRequest).where(SupportRequest.channel == of.channel)
            ).all()
        return self._random.choice(rows) if rows else None

    def _number(self, of: Company) -> str:
        request = self.request_of(of)
        return f"SUP-{1000 + (request.id or 0)}" if request else "SUP-1001"

    def _asks_for_help(self, me: Company, _: Company) -> None:
        self._says(me, f"I want to talk to a person please, {me.cluster} is slow ({me.word})")

    def _asks_the_state(self, me: Company, other: Company) -> None:
        number = self._number(other)
        asked = (f"how is {number}?", "how are our requests?", f"{number} の状況は?")
        self._says(me, self._random.choice(asked))

    def _closes(self, me: Company, other: Company) -> None:
        verb = self._random.choice(("close", "raise the severity of", "reopen"))
        self._says(me, f"please {verb} {self._number(other)}")

    def _searches(self, me: Company, _: Company) -> None:
        self._says(me, f"how do I connect to a cluster such as {me.cluster}?")

    def _edits(self, me: Company, other: Company) -> None:
        theirs, stamp = self.request_of(other), self._ts()
        edit = MessageEdited(
            user=me.user, team=f"T{me.user}", channel=me.channel, stamp=stamp,
            ts=theirs.thread_ts if theirs else stamp, text=f"{me.word} instead",
        )  # fmt: skip
        self._arrives(edit, stamp)

    def _presses(self, me: Company, other: Company) -> None:
        number, theirs, stamp = self._number(other), self.request_of(other), self._ts()
        request = str(theirs.id) if theirs else "1"
        action, value = self._random.choice(
            (
                ("do.status", number), ("do.close", number), ("do.why", number),
                ("do.rate:1", request), ("do.claim", request), ("do.staff_why", request),
                ("do.helped:yes", request), ("do.held:add", number), ("do.plan", ""),
            )
        )  # fmt: skip
        press = ButtonPressed(
            user=me.user, team=f"T{me.user}", action=action, value=value, channel=me.channel,
            message_ts=stamp, thread_ts=theirs.thread_ts if theirs else "", name=me.name,
            stamp=stamp,
        )  # fmt: skip
        self._arrives(press, f"action:{stamp}")

    def _sends_a_form(self, me: Company, other: Company) -> None:
        number, theirs, stamp = self._number(other), self.request_of(other), self._ts()
        request = str(theirs.id) if theirs else "1"
        form = FormSubmitted(
            user=me.user, team=f"T{me.user}", name=me.name, view_id=f"V{stamp}",
            form=self._random.choice(_FORMS),
            context={
                "request": request, "number": number, "account_channel": me.channel,
                "channel": me.channel, "thread": theirs.thread_ts if theirs else "",
            },
            values={"words": me.word, "description": me.word, "severity": "S1", "text": me.word},
        )  # fmt: skip
        self._arrives(form, f"view:{stamp}")

    def _opens_home(self, me: Company, _: Company) -> None:
        self._arrives(HomeOpened(user=me.user, team=f"T{me.user}"), f"home:{self._ts()}")

    def _commands(self, me: Company, other: Company) -> None:
        text = self._random.choice((self._number(other), "", self._number(me)))
        given = CommandGiven(
            user=me.user, team=f"T{me.user}", command="/support-status", text=text,
            channel=me.channel, response_url="https://hooks.invalid/1", name=me.name,
        )  # fmt: skip
        self._arrives(given, f"command:{self._ts()}")

    def _staff_reply(self, me: Company, _: Company) -> None:
        request, ts = self.request_of(me), self._ts()
        if request is None:
            return
        with self.house.database.reading() as session:
            card = session.exec(select(Outbox.ts).where(Outbox.key == f"card:{request.id}")).first()
        text = self._random.choice((f"about {me.word}: done", f"// {me.word} does not pay"))
        said = MessagePosted(
            user=MIKA, team=US.team, channel=STAFF, ts=ts, thread_ts=card or "", text=text
        )
        self._arrives(said, ts)

    def _writes_directly(self, me: Company, other: Company) -> None:
        ts = self._ts()
        asked = (f"how is {self._number(other)}?", f"a person please, {me.word}", "our requests?")
        said = MessagePosted(
            user=me.user, team=f"T{me.user}", channel=me.room, ts=ts, direct=True,
            text=self._random.choice(asked),
        )  # fmt: skip
        self._arrives(said, ts)

    def _searches_by_command(self, me: Company, other: Company) -> None:
        asked = self._random.choice((me.cluster, other.cluster))
        given = CommandGiven(
            user=me.user, team=f"T{me.user}", command="/support", channel=me.channel,
            text=f"how do I connect to {asked}?", response_url="https://hooks.invalid/3",
        )  # fmt: skip
        self._arrives(given, f"command:{self._ts()}")

    def _opens_a_form(self, me: Company, other: Company) -> None:
        """With another company's number; what is shown while they wait is looked at at once."""
        theirs, stamp = self.request_of(other), self._ts()
        request = str(theirs.id) if theirs else "1"
        name = self._random.choice(
            (*STAFF_FORMS, *MERGE_FORMS, "raise", "rating", "open:get_cluster_support", "link",
             "recall", "announce")
        )  # fmt: skip
        press = ButtonPressed(
            user=me.user, team=f"T{me.user}", action=f"form.{name}", channel=me.channel,
            value=self._number(other) if name == "raise" else request, message_ts=stamp,
            thread_ts=theirs.thread_ts if theirs else "", stamp=stamp,
        )  # fmt: skip
        try:
            shown = json.dumps(self._forms.view(press), ensure_ascii=False)
        except NotAllowed:
            return
        words = {word for word in WORD.findall(shown) if int(word) != me.number}
        if words:
            self._in_forms.append(f"form.{name} shown to {me.name} has {sorted(words)}")

    def _staff_look(self, me: Company, _: Company) -> None:
        """Staff see everybody's; the answer is theirs alone."""
        given = CommandGiven(
            user=MIKA, team=US.team, command="/support-status", text="", channel=STAFF,
            response_url="https://hooks.invalid/2",
        )  # fmt: skip
        self._arrives(given, f"command:{self._ts()}")
