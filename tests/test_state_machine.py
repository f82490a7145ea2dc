"""Customers, staff, edits, deletions, buttons, new ids of channels, redeliveries and crashes in any
order hypothesis thinks of, against a small model: every word is where it belongs, once, and
nowhere else.

One process without threads: what came in is handled and sent step by step. A crash is an error
that nothing may catch, at a named point (`bot/fault_points.py`); the next step is another process
on the same database, after the leases are over.

    pytest tests/test_state_machine.py --hypothesis-profile long

takes about ten minutes and looks at forty times as many steps.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from bot import fault_points
from bot.content.folder import Content
from bot.desk.arrivals import (
    Arrival,
    ButtonPressed,
    ChannelIdChanged,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
)
from bot.desk.errors import GiveUp
from bot.fault_points import POINTS, Crash
from bot.service.attachments import Attachments
from bot.service.delivery import Delivery
from bot.service.directory import Directory
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.intake import Intake
from bot.service.pacing import Pacing
from bot.service.ports import Profile
from bot.service.seeding import Seeding
from bot.storage.database import Database
from bot.storage.lanes import inbox_lanes, outbox_lanes
from bot.storage.tables import Inbox, Outbox, SupportRequest
from bot.understanding.reader import Understanding
from bot.worker import Worker
from tests.support.house import STAFF, US, Clock, ScriptedSlack, house_of_two

WORD = re.compile(r"\bword[0-9]+x\b")
CHANNELS = {"C1": "U1", "C2": "U2"}
STEPPED = [p for p in POINTS if p.partition(".")[0] in ("lanes", "handling", "delivery", "intake")]


class KeepingSlack(ScriptedSlack):
    """Keeps messages as they are now."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.now: dict[tuple[str, str], dict[str, Any]] = {}
        self.count = 0
        self.gone: set[str] = set()
        """Ids that a channel had before."""

    def move(self, old: str, new: str) -> None:
        self.gone.add(old)
        self.now = {
            (new if channel == old else channel, ts): message
            for (channel, ts), message in self.now.items()
        }

    def ts(self) -> str:
        self.count += 1
        return f"{self.clock.seconds() + self.count / 1000:.6f}"

    def call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        channel = str(arguments.get("channel", ""))
        if channel in self.gone:
            raise GiveUp(f"{method}: channel_not_found")
        if method == "chat.postMessage":
            ts = self.ts()
            self.now[channel, ts] = dict(arguments)
            return {"ok": True, "ts": ts}
        if method == "chat.update":
            self.now[channel, arguments["ts"]].update(arguments)
        if method == "chat.delete":
            self.now.pop((channel, arguments["ts"]), None)
        return {"ok": True}

    def find_posted(self, channel: str, thread_ts: str, key: str, since: object) -> str:
        found = [ts for (where, ts), m in self.now.items() if where == channel and _key(m) == key]
        return min(found, key=float, default="")


def _write_lazily(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _key(message: Mapping[str, Any]) -> str:
    return str(message["metadata"]["event_payload"]["key"])


@dataclass
class Words:
    """One message that somebody wrote in a request's thread."""

    channel: str
    ts: str
    thread: str
    word: str
    arrival: MessagePosted
    to: tuple[str, str]
    """Where its word has to be: channel and thread."""
    deleted: bool = False
    told_again: bool = False
    """A customer's words that were edited after an answer: staff read them once more."""


@dataclass
class Opened:
    channel: str
    root: str
    number: int
    card: str
    owner: str = ""
    words: list[Words] = field(default_factory=list)


class Desk(RuleBasedStateMachine):
    """`content`, `reader` and `migrated` are set by the fixture below."""

    content: ClassVar[Content]
    reader: ClassVar[Understanding]
    migrated: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        folder = Path(self.undo.enter_context(tempfile.TemporaryDirectory()))
        database = Database(f"sqlite:///{shutil.copy(self.migrated, folder / 'desk.db')}")
        self.undo.callback(database.close)
        # A crash here is none of the machine: nothing has to survive a power cut.
        sa.event.listen(database.engine, "connect", _write_lazily)
        self.clock = Clock()
        self.slack = KeepingSlack(self.clock)
        self.slack.profiles = {
            "U1": Profile("U1", "T1", "Leo"),
            "U2": Profile("U2", "T2", "Hana"),
            "UMIKA": Profile("UMIKA", US.team, "Mika"),
        }
        house = house_of_two(database, self.content, self.clock)
        self.house: House = replace(house, reader=self.reader)
        self.channels = dict(CHANNELS)
        self.requests: list[Opened] = []
        self.notes: list[str] = []
        self.gone: list[str] = []
        """Words that were edited away or deleted."""
        self.seen: list[tuple[Arrival, str]] = []
        self.count = 0
        self._restart()

    def teardown(self) -> None:
        fault_points.disarm()
        self.undo.close()

    # --- the process --------------------------------------------------------------------------

    def _restart(self) -> None:
        inbox, outbox = inbox_lanes(self.house.database), outbox_lanes(self.house.database)
        self.intake = Intake(self.house)
        self.delivery = Delivery(
            self.house, self.slack, outbox, Pacing(lambda: 1e9 + self.clock.seconds() * 1000)
        )
        handling = Handling(
            self.house,
            Directory(self.house, self.slack),
            Attachments(self.slack),
            Seeding(self.house, self.slack),
            inbox,
        )
        self.worker = Worker(
            self.house, handling, inbox, self.delivery, None, None, None,  # type: ignore[arg-type]
            handlers=0, senders=0,
        )  # fmt: skip

    def _drain(self) -> None:
        while True:
            try:
                while self.worker.handle_next() or self.delivery.send_next():
                    pass
            except Crash:
                self._crashed()
                continue
            if not self._waiting():
                return
            self.clock.forward(61)  # leases and waits are over

    def _waiting(self) -> bool:
        with self.house.database.reading() as session:
            return bool(
                session.exec(select(Inbox.id).where(Inbox.state.in_(("new", "claimed")))).first()
                or session.exec(
                    select(Outbox.id).where(Outbox.state.in_(("pending", "sending", "unknown")))
                ).first()
            )

    def _crashed(self) -> None:
        self.clock.forward(61)
        self._restart()

    def _arrives(self, arrival: Arrival, event: str) -> None:
        """Slack delivers until it is told that we have it."""
        self.seen.append((arrival, event))
        self._deliver(arrival, event)

    def _deliver(self, arrival: Arrival, event: str) -> None:
        while True:
            try:
                self.intake.save(arrival, event)
                break
            except Crash:
                self._crashed()
        self._drain()

    def _word(self) -> str:
        self.count += 1
        return f"word{self.count}x"

    # --- what people do ---------------------------------------------------------------------------

    @rule(data=st.data())
    def a_customer_asks_for_a_person(self, data: st.DataObject) -> None:
        channel = data.draw(st.sampled_from(sorted(self.channels)))
        ts, user = self.slack.ts(), self.channels[channel]
        text = f"{self.house.mention()} I want to talk to a person please"
        self._arrives(
            MessagePosted(user=user, team=f"T{user[1]}", channel=channel, ts=ts, text=text), ts
        )
        number = len(self.requests) + 1
        with self.house.database.reading() as session:
            card = session.exec(select(Outbox.ts).where(Outbox.key == f"card:{number}")).one()
        self.requests.append(Opened(channel, ts, number, card))

    def _say(self, request: Opened, text: str, *, staff: bool) -> MessagePosted:
        arrival = self._written(request, text, staff=staff)
        self._arrives(arrival, arrival.ts)
        return arrival

    def _written(self, request: Opened, text: str, *, staff: bool) -> MessagePosted:
        user = "UMIKA" if staff else self.channels[request.channel]
        return MessagePosted(
            user=user,
            team=US.team if staff else f"T{user[1]}",
            channel=STAFF if staff else request.channel,
            ts=self.slack.ts(),
            text=text,
            thread_ts=request.card if staff else request.root,
        )

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), staff=st.booleans())
    def somebody_writes(self, data: st.DataObject, staff: bool) -> None:
        request = data.draw(st.sampled_from(self.requests))
        word = self._word()
        said = self._say(request, f"about that, {word} here", staff=staff)
        to = (request.channel, request.root) if staff else (STAFF, request.card)
        request.words.append(Words(said.channel, said.ts, said.thread_ts, word, said, to))

    @precondition(lambda self: self.requests)
    @rule(data=st.data())
    def staff_keep_a_note(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.requests))
        self.notes.append(self._word())
        self._say(request, f"// {self.notes[-1]} stays inside", staff=True)

    def _live(self) -> list[Words]:
        return [w for request in self.requests for w in request.words if not w.deleted]

    def _edit(self, chosen: Words) -> tuple[MessageEdited, str]:
        """The next edit of a message, and its event id."""
        self.gone.append(chosen.word)
        chosen.word = self._word()
        stamp = self.slack.ts()
        edit = MessageEdited(
            user=chosen.arrival.user, team=chosen.arrival.team, channel=chosen.channel,
            ts=chosen.ts, text=f"about this, {chosen.word} instead", thread_ts=chosen.thread,
            stamp=stamp,
        )  # fmt: skip
        return edit, stamp

    def _deletion(self, chosen: Words) -> tuple[MessageDeleted, str]:
        chosen.deleted = True
        self.gone.append(chosen.word)
        gone = MessageDeleted(user=chosen.arrival.user, channel=chosen.channel, ts=chosen.ts)
        return gone, self.slack.ts()

    @precondition(lambda self: self._live())
    @rule(data=st.data())
    def somebody_edits(self, data: st.DataObject) -> None:
        self._arrives(*self._edit(data.draw(st.sampled_from(self._live()))))

    @precondition(lambda self: self._live())
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        self._arrives(*self._deletion(data.draw(st.sampled_from(self._live()))))

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), staff=st.booleans(), edits=st.integers(0, 2), deletes=st.booleans())
    def slack_mixes_up_a_message_and_its_changes(
        self, data: st.DataObject, staff: bool, edits: int, deletes: bool
    ) -> None:
        request = data.draw(st.sampled_from(self.requests))
        word = self._word()
        said = self._written(request, f"about that, {word} here", staff=staff)
        to = (request.channel, request.root) if staff else (STAFF, request.card)
        words = Words(said.channel, said.ts, said.thread_ts, word, said, to)
        events: list[tuple[Arrival, str]] = [(said, said.ts)]
        events += [self._edit(words) for _ in range(edits)]
        events += [self._deletion(words) for _ in range(deletes)]
        for arrival, event in data.draw(st.permutations(events)):
            self._arrives(arrival, event)
        request.words.append(words)

    @precondition(lambda self: self.requests)
    @rule(data=st.data(), button=st.sampled_from(["do.claim", "do.wait"]))
    def staff_press(self, data: st.DataObject, button: str) -> None:
        request = data.draw(st.sampled_from(self.requests))
        stamp = self.slack.ts()
        press = ButtonPressed(
            user="UMIKA", team=US.team, action=button, value=str(request.number),
            channel=STAFF, message_ts=request.card, name="Mika", stamp=stamp,
        )  # fmt: skip
        self._arrives(press, f"action:{stamp}")
        if button == "do.claim":
            request.owner = "UMIKA"

    @rule(data=st.data())
    def a_channel_gets_another_id(self, data: st.DataObject) -> None:
        """What Slack delivers again afterwards still names the old one."""
        old = data.draw(st.sampled_from(sorted(self.channels)))
        self.count += 1
        new = f"C9{self.count}"
        self.slack.move(old, new)
        self.channels[new] = self.channels.pop(old)
        for request in self.requests:
            request.channel = new if request.channel == old else request.channel
            for words in request.words:
                words.channel = new if words.channel == old else words.channel
                words.to = (new, words.to[1]) if words.to[0] == old else words.to
        self._arrives(ChannelIdChanged(user="", old=old, new=new), f"moved:{new}")

    # --- what goes wrong --------------------------------------------------------------------------

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), same_id=st.booleans())
    def slack_delivers_again(self, data: st.DataObject, same_id: bool) -> None:
        arrival, event = data.draw(st.sampled_from(self.seen))
        if not same_id and isinstance(arrival, ButtonPressed):
            return  # a press under another stamp is another press
        self._deliver(arrival, event if same_id else f"{event}+")

    @rule(point=st.sampled_from(STEPPED), nth=st.integers(1, 3))
    def the_process_will_die(self, point: str, nth: int) -> None:
        fault_points.arm(point, fault_points.crash, nth)

    # --- what has to be true ----------------------------------------------------------------------

    @invariant()
    def everything_posted_is_there_once(self) -> None:
        keys = Counter(_key(message) for message in self.slack.now.values())
        assert [key for key, count in keys.items() if count > 1] == []

    @invariant()
    def nothing_was_given_up(self) -> None:
        with self.house.database.reading() as session:
            for table in (Inbox, Outbox):
                assert session.exec(select(table.error).where(table.state == "dead")).all() == []

    @invariant()
    def every_word_is_where_it_belongs(self) -> None:
        places: dict[str, list[tuple[str, str]]] = {}
        copies: dict[str, list[tuple[str, str]]] = {}
        for (channel, _), message in self.slack.now.items():
            for word in set(WORD.findall(str(message["blocks"]) + message["text"])):
                place = (channel, message.get("thread_ts", ""))
                places.setdefault(word, []).append(place)
                if _key(message).startswith("mirror:"):
                    copies.setdefault(word, []).append(place)
        for words in self._live():
            assert copies.get(words.word) == [words.to], (words.word, copies.get(words.word))
            # Staff are also told what a message says that was edited after their answer.
            assert set(places[words.word]) == {words.to}
        for word in self.gone:
            assert word not in places, (word, places[word])
        for word in self.notes:
            assert all(channel == STAFF for channel, _ in places.get(word, []))
        for request in self.requests:
            other = next(one for one in self.channels if one != request.channel)
            for words in request.words:
                assert all(channel != other for channel, _ in places.get(words.word, []))

    @invariant()
    def there_is_one_request_for_each_question(self) -> None:
        cards = [m for m in self.slack.now.values() if re.fullmatch(r"card:\d+", _key(m))]
        assert len(cards) == len(self.requests)

    @invariant()
    def claims_are_kept(self) -> None:
        with self.house.database.reading() as session:
            owners = dict(session.exec(select(SupportRequest.id, SupportRequest.owner)).all())
        for request in self.requests:
            if request.owner:
                assert owners[request.number] == request.owner


@pytest.fixture
def prepared(content: Content, migrated: Path, pytestconfig: pytest.Config) -> None:
    Desk.content, Desk.migrated = content, migrated
    Desk.reader = Understanding.from_catalogue(
        content.catalogue, pytestconfig.cache.mkdir("supportbot"), lambda *_: None
    )


def test_whatever_happens_in_whatever_order(prepared: None) -> None:
    is_long = settings.get_current_profile_name() == "long"
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=60 if is_long else 5,
            stateful_step_count=40 if is_long else 10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
