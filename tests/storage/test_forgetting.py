"""A customer is forgotten, on every engine: nothing of them is left, and all of everybody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import SQLModel

from bot.desk.arrivals import ButtonPressed, CommandGiven, FormSubmitted, MessagePosted
from bot.desk.conversation import Conversation
from bot.desk.errors import SetupFault
from bot.forget import Forgetting
from bot.storage import tables as t
from bot.storage.belongings import scope_of
from bot.storage.database import Database
from bot.storage.forgetting import FATE, begin, steps
from bot.storage.lanes import LostLease, inbox_lanes, outbox_lanes
from bot.storage.received import inbox_values
from bot.storage.unit_of_work import look, work
from tests.storage.rows import LEASE, NOON, request, said
from tests.support.house import STAFF
from tests.support.tenants import Company

MIKA = "UMIKA"
ONE, TWO = Company(1), Company(2)


def room(of: Company) -> str:
    return f"D5{of.number:02d}"


def move_in(database: Database, of: Company) -> int:
    """A row with the company's word in every table that can have one; returns the account's id."""
    word, channel, user = of.word, of.channel, of.user
    with work(database, NOON) as uow:
        account = uow.accounts.add(of.name, "premium", "UTC", "en")
        ours = account.id or 0
        uow.accounts.link(channel, ours).board_key = f"board:{channel}"
        uow.accounts.remember_cluster(ours, of.cluster)
        uow.accounts.remember_person(user, "T5", f"{word} Sato", "ja", f"{word}@example.com")
        uow.accounts.remember_person(MIKA, "T0US", "Mika", "en")
        uow.mail_wishes.answer(user, f"{word}@example.com")
        uow.workspaces.saw(channel, "T5", "T0US")
        uow.session.add(t.ChannelMove(old=f"{channel}OLD", new=channel, at=NOON))
        for place in (channel, room(of)):
            uow.accounts.saw(user, place)
        uow.accounts.saw(MIKA, STAFF)
        uow.accounts.saw(MIKA, channel)
        found = uow.requests.add(
            request(ours, f"{channel}:1.0", channel=channel, requester=user, summary=word,
                    requester_name=word, fields={"cluster": of.cluster}, staff_channel=STAFF)
        ).id  # fmt: skip
        direct = uow.requests.add(
            request(ours, f"{room(of)}:1.0", channel=room(of), requester=user, summary=word,
                    staff_channel=STAFF)
        ).id  # fmt: skip
        message = said(
            found, ours, "2.0", channel=channel, author=user, author_name=word, text=word
        )
        reply = said(found, ours, f"8.{of.number}", channel=STAFF, author=MIKA, side="staff",
                     text=word)  # fmt: skip
        uow.requests.add_message(message)
        uow.requests.add_message(reply)
        uow.requests.record(found, "opened", user, word, {"note": word})
        uow.reminders.remind("nudge", NOON, request_id=found, payload={"word": word})
        uow.conversations.save(channel, "1.0", user, Conversation(subject=word))
        uow.conversations.save(room(of), "1.0", user, Conversation(subject=word))
        for key, where, more in (
            (f"board:{channel}", channel, {"account_id": ours, "ts": "5.0"}),
            (f"card:{found}", STAFF, {"request_id": found, "ts": f"7.{of.number}"}),
            (f"pending:{channel}", channel, {"account_id": ours, "state": "pending"}),
            (f"home:{user}", "", {"lane": f"home:{user}"}),
            (f"direct:{user}", room(of), {"account_id": ours}),
            (f"mail:{found}", "", {"request_id": found, "method": "email.send"}),
        ):
            columns = {"lane": key, "method": "chat.postMessage", "state": "sent", **more}
            uow.session.add(
                t.Outbox(key=key, channel=where, payload={"text": word}, available_at=NOON,
                         created_at=NOON, **columns)
            )  # fmt: skip
        uow.session.flush()
        given = t.GivenAnswer(account_id=ours, channel=channel, thread_ts="1.0", band="answer",
                              question=word, language="en", at=NOON)  # fmt: skip
        number = uow.add_answer(given)
        for row in (
            t.MessageCopy(message_id=message.id or 0, key=f"copy:{channel}", kind="text"),
            t.MessageReaction(message_id=message.id or 0, side="original", name="eyes", user=user),
            t.Rating(request_id=found, account_id=ours, user=user, words=word, asked_at=NOON),
            t.AnswerRecall(answer_id=number, version=1, kind="changed", title="x", section="x",
                           at=NOON),
            t.IntentMark(account_id=ours, request_id=found, text=word, language="en", decided="x",
                         actor=MIKA, at=NOON),
            t.ShadowDecision(account_id=ours, channel=channel, ts="1.0", text=word, language="en",
                             intent="x", would="x", staff_text=word, at=NOON),
            t.Place(channel=channel, thread_ts="", ours_since=NOON, read_until=NOON, due_at=NOON),
        ):  # fmt: skip
            uow.session.add(row)
        come_in(uow, of, found, direct)
    return ours


def come_in(uow: Any, of: Company, found: int, direct: int) -> None:
    """Arrivals of their people, and of staff about them."""
    word, channel, user, n = of.word, of.channel, of.user, of.number
    arrivals = [
        (channel, MessagePosted(user=user, channel=channel, ts="1.0", text=word)),
        (room(of), MessagePosted(user=user, channel=room(of), ts="1.0", text=word, direct=True)),
        (user, FormSubmitted(user=user, form="raise", view_id=f"V{n}", values={"text": word})),
        (STAFF, MessagePosted(user=MIKA, channel=STAFF, ts=f"8.{n}", thread_ts=f"7.{n}",
                              text=word)),
        (MIKA, FormSubmitted(user=MIKA, form="reply", view_id=f"W{n}", values={"text": word},
                             context={"request": str(found)})),
        (STAFF, CommandGiven(user=MIKA, command="/support-admin", channel=STAFF, response_url="x",
                             text=f'link {channel} "{of.name}"')),
        (STAFF, ButtonPressed(user=MIKA, action="do.claim", value=f"{direct}", channel=STAFF,
                              message_ts=f"7.{n}", stamp=word)),
    ]  # fmt: skip
    for number, (lane, arrival) in enumerate(arrivals):
        key = f"event:{n}:{number}"
        row = t.Inbox(**inbox_values(arrival, key, lane, NOON, f"m:{key}"))
        row.state = "done" if number else "new"
        uow.session.add(row)


def share(database: Database) -> None:
    """Rows that name both companies, and those that name none."""
    with work(database, NOON) as uow:
        both = f"{ONE.name}, {TWO.name}"
        for row in (
            t.Workspace(team="T5", name="elsewhere", bot_user="UB", bot="B5", installed_by="U0",
                        installed_at=NOON),
            t.OAuthState(state="begun", expires_at=NOON),
            t.Outbox(key="weekly", lane="w", method="chat.postMessage", channel=STAFF, state="sent",
                     payload={"text": both}, available_at=NOON, created_at=NOON),
            t.Outbox(key="refused", lane="r", method="chat.postMessage", channel=TWO.channel,
                     state="dead", error=f"it names another account: {ONE.name}",
                     payload={"text": ONE.name}, available_at=NOON, created_at=NOON),
            t.Announcement(state="sent", texts={"en": "maintenance"}, author=MIKA,
                           channels=[ONE.channel, TWO.channel], author_name="Mika",
                           staff_channel=STAFF, created_at=NOON),
            t.GivenAnswer(channel=STAFF, thread_ts="3.0", band="answer", language="en", at=NOON,
                          question=f"does {ONE.name} have TiFlash?"),
            t.QueueChannel(queue="sales", channel="C0SALES"), t.OnCall(queue="", user=MIKA),
            t.KbVersion(number=1, fingerprint="x", url_base="x", published_at=NOON),
            t.KbPage(id=1, language="en", path="x", content_hash="x", head={}, since_version=1),
            t.KbSection(page_id=1, position=0, content_hash="x", about={}, markdown="x"),
            t.KbSync(id=1),
        ):  # fmt: skip
            uow.session.add(row)
            uow.session.flush()


def dump(database: Database) -> dict[str, list[str]]:
    """Every table's rows, as text."""
    with database.reading() as session:
        return {
            table.name: sorted(str(dict(row._mapping)) for row in session.execute(table.select()))
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
def two(database: Database) -> Database:
    move_in(database, ONE)
    move_in(database, TWO)
    share(database)
    return database


def of_two_alone(rows: dict[str, list[str]]) -> list[tuple[str, str]]:
    signs = (TWO.word, TWO.channel, TWO.user, room(TWO), TWO.name)
    others = (ONE.word, ONE.channel, ONE.user, room(ONE), ONE.name)
    return [
        (table, row)
        for table, found in rows.items()
        for row in found
        if any(sign in row for sign in signs) and not any(sign in row for sign in others)
    ]


def test_nothing_of_them_is_left_and_all_of_the_others(two: Database) -> None:
    before = dump(two)
    assert all(before[table] for table in FATE), "the test has a row in every table"
    counts = Forgetting(two, STAFF, ONE.name).run()
    after = dump(two)
    left = str(after)
    for sign in (ONE.word, ONE.user, room(ONE), ONE.name, f"{ONE.word}@example.com"):
        assert sign.casefold() not in left.casefold(), sign
    still = {table for table, rows in after.items() for row in rows if ONE.channel in row}
    assert still <= {"audit", "outbox"}  # which channel it was, and that its board is taken down
    assert set(of_two_alone(before)) <= set(of_two_alone(after))
    for table, fate in FATE.items():
        if fate.startswith("deleted"):
            assert counts[table] >= 1, table
            assert len(after[table]) < len(before[table]), table
        else:
            assert len(after[table]) >= len(before[table]), table


def test_the_trail_keeps_numbers_alone(two: Database) -> None:
    with look(two, NOON) as uow:
        ours = uow.accounts.by_name(ONE.name)
        assert ours is not None
    Forgetting(two, STAFF, str(ours.id)).run()
    with look(two, NOON) as uow:
        line = uow.session.exec(
            t.Audit.__table__.select().where(t.Audit.deed == "forget")  # type: ignore[attr-defined]
        ).one()
    assert line.account_id == ours.id
    assert line.actor.startswith("shell:")
    assert line.after["request"] == 2
    assert line.after["account"] == 1


def test_a_dry_run_counts_the_same_and_changes_nothing(two: Database) -> None:
    before = dump(two)
    counted = Forgetting(two, STAFF, ONE.name).counts()
    assert dump(two) == before
    done = Forgetting(two, STAFF, ONE.name).run()
    assert counted == done


class Killed(Exception):
    pass


@pytest.mark.parametrize("after", range(0, 24, 3))
def test_broken_off_anywhere_it_is_run_again(two: Database, after: int) -> None:
    forgetting = Forgetting(two, STAFF, ONE.name)
    with work(two, NOON) as uow:
        scope = forgetting._scope(uow)
        begin(uow, scope)
    for number, (_, step) in enumerate(steps(scope)):
        if number == after:
            break
        with work(two, NOON) as uow:
            step(uow)
    Forgetting(two, STAFF, ONE.name).run()
    left = str(dump(two)).casefold()
    assert not any(sign.casefold() in left for sign in (ONE.word, ONE.user, room(ONE)))
    with pytest.raises(SetupFault, match="there is no account"):
        Forgetting(two, STAFF, ONE.name)


def test_they_are_cut_off_before_anything_else_is_done(two: Database) -> None:
    """What they write meanwhile is nobody's: it would be kept behind the back of the deleting."""
    forgetting = Forgetting(two, STAFF, ONE.name)
    with work(two, NOON) as uow:
        begin(uow, forgetting._scope(uow))
    with look(two, NOON) as uow:
        assert uow.accounts.of_channel(ONE.channel) is None
        assert uow.accounts.of_person(ONE.user) == []
        assert uow.accounts.of_channel(TWO.channel) is not None


def test_who_holds_a_row_of_theirs_can_write_nothing_any_more(two: Database) -> None:
    lanes = inbox_lanes(two)
    held = lanes.claim(NOON, LEASE)
    assert held is not None
    assert held.author in (ONE.user, TWO.user)
    of = ONE if held.author == ONE.user else TWO
    Forgetting(two, STAFF, of.name).run()

    def finish() -> None:
        with work(two, NOON) as uow:
            uow.conversations.save(of.channel, "1.0", of.user, Conversation(subject=of.word))
            lanes.finish(uow.session, held, state="done")

    with pytest.raises(LostLease):
        finish()
    assert of.word not in str(dump(two))


def test_what_was_owed_to_them_is_not_sent_and_their_board_is_taken_down(two: Database) -> None:
    Forgetting(two, STAFF, ONE.name).run()
    owed = []
    while (row := outbox_lanes(two).claim(NOON.replace(year=2030), LEASE)) is not None:
        owed.append((row.channel, row.method, row.target, row.payload))
    assert [one for one in owed if one[0] == ONE.channel] == [
        (ONE.channel, "chat.delete", "5.0", {})
    ]
    assert [one[:2] for one in owed if one[0] == TWO.channel] == [(TWO.channel, "chat.postMessage")]


def test_who_belongs_to_others_too_stays_known_there(two: Database) -> None:
    with work(two, NOON) as uow:
        uow.accounts.saw(ONE.user, TWO.channel)
        ours = uow.accounts.by_name(ONE.name)
        assert ours is not None
        assert ONE.user not in scope_of(uow, ours.id or 0, {STAFF}).people
        assert MIKA not in scope_of(uow, ours.id or 0, {STAFF}).people
    Forgetting(two, STAFF, ONE.name).run()
    with look(two, NOON) as uow:
        assert uow.accounts.person(ONE.user) is not None
        assert [one.name for one in uow.accounts.of_person(ONE.user)] == [TWO.name]


def test_every_table_says_what_becomes_of_its_rows() -> None:
    """A new table without a line here would keep what should be forgotten."""
    assert set(FATE) == {table.name for table in SQLModel.metadata.sorted_tables}
    assert all(fate.split(":")[0].split(";")[0] in ("deleted", "kept") for fate in FATE.values())
