"""Who may do what, cell by cell: every button, form, command, shortcut and reaction by everybody.

The rows are checked against the code: a new button without a row fails. Each cell is tried in a
transaction that is rolled back. Where somebody may not, nothing has changed, nothing is in the
audit trail, and no word of the company that it is about is owed to them, whatever ids they forged.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.content.folder import Content
from bot.desk.arrivals import (
    Arrival,
    ButtonPressed,
    CommandGiven,
    FormSubmitted,
    MessagePosted,
    ReactionAdded,
)
from bot.desk.documents import DocumentAnswer
from bot.desk.errors import NotAllowed
from bot.service.attachments import Attachments
from bot.service.commands import COMMANDS
from bot.service.directory import Directory
from bot.service.doers import doer_of
from bot.service.form_pictures import picture
from bot.service.forms import Forms
from bot.service.handling import Handling
from bot.service.house import House
from bot.service.merge_forms import MERGE_FORMS
from bot.service.posting import Posting
from bot.service.request_commands import ACTS
from bot.service.seeding import TICKETS, Seeding
from bot.service.staff import STAFF_BUTTONS
from bot.service.staff_forms import STAFF_FORMS
from bot.slack import listeners, payloads
from bot.storage import tables as t
from bot.storage.database import Database
from bot.storage.lanes import inbox_lanes
from bot.storage.unit_of_work import look, work
from tests.storage.rows import request, said
from tests.support.house import ROOT, STAFF, US, Clock, ScriptedSlack, house_of_two

WORD = "zq01kestrel"
CUSTOMER, FOREIGN, GUEST, STAFFER, ADMIN, UNKNOWN = EVERYBODY = (
    "customer", "foreign", "guest", "staff", "admin", "unknown",
)  # fmt: skip
PEOPLE: Mapping[str, tuple[str, str, str]] = {
    CUSTOMER: ("U1LEO", "T1", "C1"),
    FOREIGN: ("U2KIM", "T2", "C2"),  # of another company, with the ids of the first one
    GUEST: ("U3EVE", "T2", STAFF),  # of another organisation, in the staff channel
    STAFFER: ("UMIKA", US.team, STAFF),
    ADMIN: ("UADA", US.team, STAFF),
    UNKNOWN: ("U9BOB", "T9", "C9"),  # in a channel that is linked to nobody
}
NEW, SUBMITTED, APPROVED, RESOLVED, OTHER = range(1, 6)
"""Requests of the first company, by id."""
OURS = {CUSTOMER}
STAFFS = {STAFFER, ADMIN}
ADMINS = {ADMIN}
NOT_EVERYBODY = {CUSTOMER, FOREIGN}
"""Whoever is in a channel of some company: the deed is about their own."""


@dataclass(frozen=True)
class Row:
    """What is done, by whom it may be done; `value` names the first company's things."""

    kind: str
    name: str
    may: frozenset[str]
    value: str = ""
    at: int = NEW
    about: Mapping[str, str] | None = None
    fills: Mapping[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def press(name: str, may: set[str], value: str = "", at: int = NEW) -> Row:
    return Row("press", name, frozenset(may), value, at)


def opens(name: str, may: set[str], value: str = "", at: int = NEW) -> Row:
    return Row("open", f"form.{name}", frozenset(may), value, at)


def sends(form: str, may: set[str], about: Mapping[str, str], /, **fills: str) -> Row:
    return Row("submit", form, frozenset(may), "", NEW, about, fills)


def gives(command: str, text: str, may: set[str]) -> Row:
    return Row("command", f"{command} {text}".strip(), frozenset(may), text)


ABOUT = {"request": str(NEW)}
ROWS = [
    # buttons of staff's cards
    press("do.claim", STAFFS, str(NEW)),
    press("do.take_over", STAFFS, f"{NEW}:"),
    press("do.wait", STAFFS, str(NEW)),
    press("do.reopen", STAFFS, str(RESOLVED)),
    press("do.finish", STAFFS, str(APPROVED)),
    press("do.staff_why", STAFFS, str(NEW)),
    press("do.undo", STAFFS, "reply"),
    press("do.recall_not_needed", STAFFS, "1"),
    press("do.announce:send", ADMINS, "1"),
    press("do.announce:cancel", ADMINS, "1"),
    # buttons of customers
    press("do.status", OURS, "SUP-1001"),
    press("do.close", OURS, "SUP-1001"),
    press("do.why", OURS, "SUP-1001"),
    press("do.rate:1", OURS, str(RESOLVED)),
    press("do.helped:no", OURS, "1"),
    press("do.ask:0", OURS, "1"),
    press("do.mail:no", OURS, str(NEW)),
    press("do.held:add", NOT_EVERYBODY, "SUP-1001"),
    press("do.answer:severity", NOT_EVERYBODY, "S1"),
    press("do.clarify:ask_docs", NOT_EVERYBODY),
    press("do.confirm:yes", NOT_EVERYBODY),
    press("do.cancel", NOT_EVERYBODY),
    press("do.plan", NOT_EVERYBODY),
    press("do.help", NOT_EVERYBODY),
    press("do.start:talk_to_human", NOT_EVERYBODY, "1"),
    # forms that are opened
    *(opens(name, STAFFS, str(SUBMITTED if name in ("approve", "decline") else NEW))
      for name in STAFF_FORMS),
    opens("merge", STAFFS, str(NEW)),
    opens("move", STAFFS, "message"),
    opens("split", STAFFS, "message"),
    opens("recall", STAFFS, "1"),
    opens("link", ADMINS, "C77"),
    opens("announce", ADMINS),
    opens("raise", OURS, "SUP-1001"),
    opens("rating", OURS, str(RESOLVED)),
    opens("mail", OURS, str(NEW)),
    opens("open:get_cluster_support", NOT_EVERYBODY),
    # forms that are sent
    sends("reply", STAFFS, ABOUT, text="hello"),
    sends("assign", STAFFS, ABOUT, person="UADA"),
    sends("triage", STAFFS, ABOUT, tags="billing"),
    sends("resolve", STAFFS, ABOUT),
    sends("close", STAFFS, ABOUT),
    sends("severity", STAFFS, ABOUT, severity="S3"),
    sends("misread", STAFFS, ABOUT, right="request_poc"),
    sends("approve", STAFFS, {"request": str(SUBMITTED)}),
    sends("decline", STAFFS, {"request": str(SUBMITTED)}, note="no capacity"),
    sends("merge", STAFFS, ABOUT, into=str(OTHER)),
    sends("move", STAFFS, {**ABOUT, "message": "1"}, into=str(OTHER)),
    sends("split", STAFFS, {**ABOUT, "message": "1"}, summary="another matter"),
    sends("recall", STAFFS, {"recall": "1"}),
    sends("announce", ADMINS, {}, text_en="maintenance", plans="everybody"),
    sends("link", ADMINS, {"link": "C77"}, name="Fresh Foods"),
    sends("raise", OURS, {"number": "SUP-1001", "thread": "1.0"}, severity="S1", reason="down"),
    sends("rating", OURS, {"request": str(RESOLVED)}, words="well done"),
    sends("mail", OURS, ABOUT, address="leo@company.example"),
    sends("request:get_cluster_support", NOT_EVERYBODY, {"thread": ""}, description="slow",
          severity="S3", cluster="prod-1"),
    # commands
    gives("/support", "", NOT_EVERYBODY | STAFFS | {GUEST}),
    gives("/support", "how do I connect?", NOT_EVERYBODY | STAFFS | {GUEST}),
    gives("/support-plan", "", NOT_EVERYBODY | STAFFS | {GUEST}),
    gives("/support-status", "", NOT_EVERYBODY | STAFFS),
    gives("/support-status", "SUP-1001", OURS | STAFFS),
    gives("/support-admin", "", STAFFS),
    gives("/support-admin", "help", STAFFS),
    gives("/support-admin", "replies", STAFFS),
    gives("/support-admin", "accounts", ADMINS),
    gives("/support-admin", "link C77 Fresh", ADMINS),
    gives("/support-admin", "unlink C1", ADMINS),
    gives("/support-admin", "mode C1 mention", ADMINS),
    gives("/support-admin", "on-call <@UADA>", ADMINS),
    gives("/support-admin", "queue sales C88", ADMINS),
    gives("/support-admin", "claim SUP-1001", STAFFS),
    gives("/support-admin", "assign SUP-1001 <@UADA>", STAFFS),
    gives("/support-admin", "waiting SUP-1001", STAFFS),
    gives("/support-admin", "severity SUP-1001 S3", STAFFS),
    gives("/support-admin", "queue SUP-1001 sales", STAFFS),
    gives("/support-admin", "tag SUP-1001 billing", STAFFS),
    gives("/support-admin", "untag SUP-1001 billing", STAFFS),
    gives("/support-admin", "resolve SUP-1001", STAFFS),
    gives("/support-admin", "close SUP-1001", STAFFS),
    gives("/support-admin", "approve SUP-1002", STAFFS),
    gives("/support-admin", "decline SUP-1002 no capacity", STAFFS),
    gives("/support-admin", "done SUP-1003", STAFFS),
    gives("/support-admin", "reopen SUP-1004", STAFFS),
    # reactions: on the card in the staff channel, on the first message elsewhere
    Row("react", "eyes", frozenset(STAFFS)),
    Row("react", "white_check_mark", frozenset(STAFFS)),
    Row("react", "ticket", frozenset(OURS)),
    # words
    Row("say", "below the card", frozenset(STAFFS), "looking into it"),
]  # fmt: skip
WITHOUT_A_TRACE = (
    "do.staff_why", "do.status", "do.why", "do.ask", "do.held", "do.answer", "do.clarify",
    "do.confirm", "do.cancel", "do.plan", "do.help", "do.start", "do.undo", "form.", "/support",
    "/support-admin help", "/support-admin replies", "/support-admin accounts", "ticket",
)  # fmt: skip
"""Deeds that change nothing by themselves: they answer, ask or show."""


class Answers:
    """A library that knows nothing."""

    def ask(self, question: str, *_: object) -> DocumentAnswer:
        return DocumentAnswer("unknown", 0.0, "en")

    answer_from = ask

    def sources_for(self, *_: object) -> tuple[()]:
        return ()

    def refresh(self) -> bool:
        return False


@dataclass
class Desk:
    house: House
    handling: Handling


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, content: Content
) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("cells")
    database = Database(f"sqlite:///{shutil.copy(migrated, folder / 'desk.db')}")
    made = house_of_two(database, content, Clock())
    house = replace(made, admins=frozenset({"UADA"}), answers=Answers(), undo=timedelta(seconds=10))
    slack = ScriptedSlack()
    inbox = inbox_lanes(database)
    handling = Handling(
        house, Directory(house, slack), Attachments(slack), Seeding(house, slack), inbox
    )
    with work(database, house.clock()) as uow:
        fill(uow, house)
    yield Desk(house, handling)
    database.close()


def fill(uow: Any, house: House) -> None:
    """The first company's requests with their cards, and everything a button may be about."""
    now = house.clock()
    ours = uow.accounts.of_channel("C1").id
    for user, team, channel in PEOPLE.values():
        uow.accounts.remember_person(user, team, user.title(), "en")
        if user not in ("U9BOB", "U3EVE"):
            uow.accounts.saw(user, channel)
    decided = {"intent": "request_poc", "queue": "sales", "fields": {"kind": "poc"}}
    for number, more in (
        (NEW, {"promised_minutes": 480, "respond_by": now + timedelta(hours=8)}),
        (SUBMITTED, {**decided, "stage": "submitted"}),
        (APPROVED, {**decided, "state": "claimed", "stage": "approved"}),
        (RESOLVED, {"state": "resolved", "closed_at": now}),
        (OTHER, {}),
    ):
        made = request(
            ours, f"C1:{number}.0", thread_ts=f"{number}.0", requester="U1LEO", summary=WORD,
            staff_channel=STAFF, opened_at=now, updated_at=now, **more,
        )  # fmt: skip
        assert uow.requests.add(made).id == number
        for key, channel, ts in ((f"card:{number}", STAFF, f"7.{number}"),
                                 (f"opened:{number}", "C1", f"6.{number}")):  # fmt: skip
            uow.session.add(
                t.Outbox(key=key, lane=key, method="chat.postMessage", channel=channel, ts=ts,
                         payload={}, request_id=number, state="sent", available_at=now,
                         created_at=now)
            )  # fmt: skip
    uow.requests.add_message(said(NEW, ours, "1.0", author="U1LEO", text=WORD))
    uow.requests.add_message(
        said(NEW, ours, "8.0", author="UMIKA", side="staff", channel=STAFF, text=WORD)
    )
    given = t.GivenAnswer(account_id=ours, channel="C1", thread_ts="1.0", band="suggest",
                          question=WORD, language="en", choices=[["en", "x", ""]], at=now,
                          posted_key="opened:1")  # fmt: skip
    assert uow.add_answer(given) == 1
    for row in (
        t.AnswerRecall(answer_id=1, version=1, kind="changed", title="x", section="x", at=now,
                       state="told", notice_key="card:1"),
        t.Rating(request_id=RESOLVED, account_id=ours, user="U1LEO", score=3, asked_at=now),
        t.Announcement(state="draft", texts={"en": "x"}, channels=["C2"], author="UADA",
                       author_name="Ada", staff_channel=STAFF, created_at=now),
    ):  # fmt: skip
        uow.session.add(row)


# --- one cell -------------------------------------------------------------------------------------


def arrival(row: Row, who: str) -> Arrival:
    user, team, channel = PEOPLE[who]
    in_staff = channel == STAFF
    card, first = f"7.{row.at}", f"{row.at}.0"
    here = card if in_staff else first
    match row.kind:
        case "press" | "open":
            value = {"reply": "2", "message": ""}.get(row.value, row.value)
            by_message = row.value == "message" and who in STAFFS
            return ButtonPressed(
                user=user, team=team, action=row.name, value=value,
                channel="C1" if by_message else channel, message_ts=first if by_message else here,
                thread_ts="" if in_staff else first, stamp="1.1",
                response_url="https://hooks.invalid/1",
            )  # fmt: skip
        case "submit":
            context = {"channel": channel, "account_channel": channel, **(row.about or {})}
            return FormSubmitted(user=user, team=team, form=row.name, view_id="V1",
                                 context=context, values=dict(row.fills or {}))  # fmt: skip
        case "command":
            return CommandGiven(
                user=user, team=team, command=row.name.split()[0], text=row.value, channel=channel,
                response_url="https://hooks.invalid/1",
            )  # fmt: skip
        case "react":
            return ReactionAdded(user=user, channel=channel, ts=here, name=row.name)
        case _:
            return MessagePosted(user=user, team=team, channel=STAFF if in_staff else channel,
                                 ts="9.0", thread_ts=here, text=row.value)  # fmt: skip


class RolledBack(Exception):
    pass


STORED = (
    t.SupportRequest, t.RequestMessage, t.RequestEvent, t.Channel, t.Account, t.QueueChannel,
    t.OnCall, t.Announcement, t.Rating, t.GivenAnswer, t.AnswerRecall, t.IntentMark,
    t.MailWish,
)  # fmt: skip


def fingerprint(session: Any) -> str:
    session.flush()
    session.expire_all()
    return str([session.execute(sa.select(one.__table__)).all() for one in STORED])  # type: ignore[attr-defined]


@dataclass
class Cell:
    outcome: str
    changed: bool
    trail: int
    owed: list[str]


def tried(desk: Desk, made: Arrival) -> Cell:
    """Do it and take it back."""
    cell = Cell("", False, 0, [])
    if isinstance(made, ButtonPressed) and made.action.startswith("form."):
        try:
            cell.owed.append(json.dumps(Forms(desk.house).view(made), ensure_ascii=False))
            cell.outcome = "opened"
        except NotAllowed as error:
            cell.outcome = f"refused: {error.reason}"
        return cell

    if isinstance(made, FormSubmitted) and made.form in STAFF_FORMS:
        with look(desk.house.database, desk.house.clock()) as uow:
            opened = uow.requests.get(int(made.context["request"]))
            assert opened is not None
            seen = {"seen": picture(uow, opened, made.form)}
        made = replace(made, context={**made.context, **seen})

    def attempt() -> None:
        with work(desk.house.database, desk.house.clock()) as uow:
            before = fingerprint(uow.session)
            lines = uow.session.scalar(sa.select(sa.func.count()).select_from(t.Audit))
            newest = uow.session.scalar(sa.select(sa.func.max(t.Outbox.id))) or 0
            uow.trail.doer = doer_of(uow, desk.house, made)
            posting = Posting(uow, desk.house, "cell")
            cell.outcome = desk.handling._dispatch(uow, posting, made, ())
            uow.trail.close()
            cell.changed = fingerprint(uow.session) != before
            after = uow.session.scalar(sa.select(sa.func.count()).select_from(t.Audit))
            cell.trail = (after or 0) - (lines or 0)
            rows = uow.session.exec(select(t.Outbox).where(t.Outbox.id > newest)).all()  # type: ignore[operator]
            cell.owed = [json.dumps(one.payload, ensure_ascii=False) for one in rows]
            raise RolledBack

    with pytest.raises(RolledBack):
        attempt()
    return cell


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_cell(desk: Desk, row: Row, who: str) -> None:
    if row.kind == "say" and who in (CUSTOMER, FOREIGN):
        pytest.skip("a customer's message is understood, which is tested elsewhere")
    cell = tried(desk, arrival(row, who))
    if who in row.may:
        assert not cell.outcome.startswith("refused"), cell
        traceless = row.kind == "open" or any(
            row.name == one or row.name.startswith((f"{one}:", "form.")) for one in WITHOUT_A_TRACE
        )
        traceless |= row.kind == "command" and not row.name.startswith("/support-admin ")
        if not traceless:
            assert cell.changed, cell
        return
    assert not cell.changed, cell
    assert cell.trail == 0, cell
    assert not any(WORD in one for one in cell.owed), cell


def test_a_bot_does_nothing(desk: Desk) -> None:
    """Other bots' messages never come in, and our own reactions are no one's act."""
    for more in ({"bot_id": "B1"}, {"bot_id": "B1", "subtype": "bot_message"},
                 {"bot_id": "B1", "app_id": "A2", "metadata": {"event_payload": {}}}):  # fmt: skip
        event = {"type": "message", "channel": "C1", "ts": "1.0", "user": "U0X", "text": "help",
                 **more}  # fmt: skip
        assert payloads.from_event({"event": event, "event_id": "Ev1", "api_app_id": "A1"}) is None
    with work(desk.house.database, desk.house.clock()) as uow:
        uow.accounts.remember_person(US.user, US.team, US.name, "en")
    for name in (*desk.house.content.reactions, *TICKETS):
        for channel, ts in ((STAFF, "7.1"), ("C1", "1.0")):
            made = ReactionAdded(user=US.user, channel=channel, ts=ts, name=name)
            cell = tried(desk, made)
            assert (cell.changed, cell.trail, cell.owed) == (False, 0, []), cell


# --- the table is complete ------------------------------------------------------------------------


def named(kind: str) -> set[str]:
    return {row.name.partition(":")[0] for row in ROWS if row.kind == kind}


def strings_of(*modules: str) -> Iterator[str]:
    for module in modules:
        tree = ast.parse((ROOT / f"bot/{module}.py").read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def drawn(start: str) -> set[str]:
    """Ids that stand in the layouts."""
    texts = (file.read_text("utf-8") for file in (ROOT / "templates").rglob("*.j2"))
    return {found for text in texts for found in re.findall(rf'"({start}\.[a-z0-9_]+)', text)}


def test_every_button_that_is_drawn_or_handled_has_a_row() -> None:
    handled = {
        text.partition(":")[0]
        for text in strings_of(
            "service/presses",
            "service/staff",
            "service/interactions",
            "service/recalls",
            "service/announcements",
        )
        if re.fullmatch(r"do\.[a-z_]+(:.*)?", text)
    }
    assert handled | drawn("do") | STAFF_BUTTONS == named("press")


def test_every_form_that_is_opened_has_a_row(content: Content) -> None:
    opened = {f"form.{name}" for name in (*STAFF_FORMS, *MERGE_FORMS)}
    opened |= {one for one in strings_of("service/forms") if re.fullmatch(r"form\.[a-z_]+", one)}
    opened |= set(listeners.STAFF_SHORTCUTS.values())
    inside = {"form.topic", "form.saved"}  # change a form that is open: `Forms.switched` and below
    words = {one for one in (opened | drawn("form")) if content.words.has(one)}
    assert (opened | drawn("form")) - words - inside <= named("open")
    assert named("open") - words <= opened | drawn("form") | {"form.recall", "form.raise"}


def test_every_form_that_is_sent_has_a_row() -> None:
    tree = ast.parse((ROOT / "bot/service/interactions.py").read_text(encoding="utf-8"))
    body = next(node for node in ast.walk(tree) if getattr(node, "name", "") == "form")
    told = {
        node.comparators[0].value
        for node in ast.walk(body)
        if isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Constant)
    }
    expected = {*told, *STAFF_FORMS, *MERGE_FORMS, "recall", "raise", "request", "mail"}
    assert expected == named("submit")


def test_every_command_has_a_row() -> None:
    rows = [row.name.split() for row in ROWS if row.kind == "command"]
    assert {row[0] for row in rows} == set(COMMANDS)
    tree = ast.parse((ROOT / "bot/service/commands.py").read_text(encoding="utf-8"))
    told = {
        node.patterns[0].value.value  # type: ignore[attr-defined]
        for node in ast.walk(tree)
        if isinstance(node, ast.MatchSequence) and isinstance(node.patterns[0], ast.MatchValue)
    }
    admin = {row[1] for row in rows if row[0] == "/support-admin" and len(row) > 1}
    assert told | set(ACTS) | {"help", "replies"} == admin


def test_every_reaction_and_shortcut_has_a_row(desk: Desk) -> None:
    verbs = {desk.house.content.reactions[row.name] for row in ROWS
             if row.kind == "react" and row.name not in TICKETS}  # fmt: skip
    assert verbs == set(desk.house.content.reactions.values())
    for shortcut in (listeners.GLOBAL_SHORTCUT, listeners.MESSAGE_SHORTCUT,
                     *listeners.STAFF_SHORTCUTS):  # fmt: skip
        made = listeners._shortcut_press({"callback_id": shortcut, "user": {"id": "U1"}})
        assert made.action.partition(":")[0] in named("open")


# --- a form that is changed while it is open ------------------------------------------------------


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_saved_reply_is_filled_in_for_staff_alone(desk: Desk, who: str) -> None:
    user, _, channel = PEOPLE[who]
    forms, key = Forms(desk.house), desk.house.content.saved_replies[0].key
    fill_in: Callable[[], object] = lambda: forms.with_saved_reply(  # noqa: E731
        user, {"request": str(NEW), "channel": channel}, "", key
    )
    if who in STAFFS:
        fill_in()
    else:
        with pytest.raises(NotAllowed):
            fill_in()


def test_nothing_was_left_behind(desk: Desk) -> None:
    with look(desk.house.database, desk.house.clock()) as uow:
        found = uow.requests.get(NEW)
    assert found is not None
    assert (found.state, found.owner, found.severity) == ("new", "", "S2")
