"""What is not kept for ever: old words are taken out in small batches, figures stay countable.

| what                                      | when               | then    |
|-------------------------------------------|--------------------|---------|
| arrivals that were handled                | `WORDS_OF_TRANSIT` | deleted |
| reminders that rang or were dropped       | `WORDS_OF_TRANSIT` | deleted |
| calls that leave nothing to refer to      | `WORDS_OF_TRANSIT` | deleted |
| posts that were sent                      | `WORDS_OF_TRANSIT` | emptied |
| closed requests with all that hangs there | as set             | emptied |
| conversations, questions, watched words   | as set             | emptied |
| marks, names and addresses, what was dead | as set             | deleted |

What came in is held against what comes again, and Slack's histories are read at most seven days
back (`bot.service.catch_up`); an arrival that is deleted later than that cannot come in twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from bot.desk.conversation import Conversation
from bot.storage import tables as t
from bot.storage.shared_rows import BATCH, Step
from bot.storage.unit_of_work import UnitOfWork

WORDS_OF_TRANSIT = timedelta(days=30)
"""Long enough to look into what went wrong, and to take along what was said in a thread."""
_REQUESTS = 20
"""A request has some hundred rows at most."""
_PASSING = ("chat.postEphemeral", "chat.update", "respond", "views.publish", "reactions.add",
            "reactions.remove", "pins.add")  # fmt: skip
"""Calls that leave no message of ours behind, so nothing refers to them."""
_OVER = ("resolved", "closed")
_TAKEN_OUT = "🗑"


def steps_of_transit(now: datetime) -> Iterator[Step]:
    """Each is done until it returns None; a call is one transaction."""
    before = now - WORDS_OF_TRANSIT
    inbox, reminder = t.Inbox, t.Reminder
    yield _deleting(
        inbox, sa.and_(col(inbox.state) == "done", col(inbox.available_at) < before,
                       col(inbox.done_at) < before)
    )  # fmt: skip
    yield _deleting(
        reminder,
        sa.and_(col(reminder.state).in_(("done", "dropped")), col(reminder.due_at) < before),
    )
    yield _emptying_posts(before)


def steps_of_retention(now: datetime, keep: timedelta) -> Iterator[Step]:
    before = now - keep
    yield _emptying_requests(before)
    yield _forgetting_talk(before)
    yield _deleting(t.IntentMark, col(t.IntentMark.at) < before)
    yield _deleting(t.Person, col(t.Person.fetched_at) < before, key=col(t.Person.user))
    yield _setting(
        t.GivenAnswer,
        sa.and_(col(t.GivenAnswer.at) < before, col(t.GivenAnswer.question) != ""),
        question="",
    )
    yield _setting(
        t.ShadowDecision,
        sa.and_(
            col(t.ShadowDecision.at) < before,
            sa.or_(col(t.ShadowDecision.text) != "", col(t.ShadowDecision.staff_text) != ""),
        ),
        text="",
        staff_text="",
    )
    for table, since in ((t.Inbox, t.Inbox.received_at), (t.Outbox, t.Outbox.created_at)):
        dead = sa.and_(col(table.state) == "dead", col(since) < before)
        yield _deleting(table, dead)


def _deleting(table: Any, which: Any, key: Any = None) -> Step:
    return _batches(table, which, key, sa.delete(table))


def _setting(table: Any, which: Any, **values: Any) -> Step:
    return _batches(table, which, None, sa.update(table).values(**values))


def _batches(table: Any, which: Any, key: Any, change: Any) -> Step:
    key = col(table.id) if key is None else key

    def step(uow: UnitOfWork) -> int | None:
        ids = uow.session.scalars(sa.select(key).where(which).limit(BATCH)).all()
        if not ids:
            return None
        uow.session.execute(
            change.where(key.in_(ids)), execution_options={"synchronize_session": False}
        )
        return len(ids)

    return step


def _emptying_posts(before: datetime) -> Step:
    """Goes through the outbox in the order of ids, up to what is too young."""
    outbox = t.Outbox
    last = 0

    def step(uow: UnitOfWork) -> int | None:
        nonlocal last
        query = sa.select(outbox).where(col(outbox.id) > last).order_by(col(outbox.id)).limit(BATCH)
        rows = list(takewhile(lambda row: row.created_at < before, uow.session.scalars(query)))
        if not rows:
            return None
        last = rows[-1].id or 0
        return _empty_posts(uow, [row for row in rows if row.state in ("sent", "withdrawn")])

    return step


def _empty_posts(uow: UnitOfWork, rows: Sequence[t.Outbox]) -> int:
    count = 0
    for row in rows:
        # Of a copied file its id in Slack stays: an edit or a deletion has to find it.
        kept = {name: value for name, value in row.payload.items() if name == "_uploaded"}
        if row.method in _PASSING:
            uow.session.delete(row)
            count += 1
        elif row.payload != kept:
            row.payload = kept
            count += 1
    return count


def _forgetting_talk(before: datetime) -> Step:
    """What was said; that a person has taken over, and in which language, stays so."""
    talk = t.Conversation
    last = 0

    def step(uow: UnitOfWork) -> int | None:
        nonlocal last
        old = sa.and_(col(talk.id) > last, col(talk.updated_at) < before)
        rows = uow.session.scalars(
            sa.select(talk).where(old).order_by(col(talk.id)).limit(BATCH)
        ).all()
        if not rows:
            return None
        last = rows[-1].id or 0
        count = 0
        for row in rows:
            known = Conversation.from_json(row.state)
            kept = Conversation(language=known.language, human=known.human)
            if known != kept:
                row.state = kept.to_json()
                count += 1
        return count

    return step


def _emptying_requests(before: datetime) -> Step:
    request = t.SupportRequest

    def step(uow: UnitOfWork) -> int | None:
        rows = uow.session.scalars(
            sa.select(request)
            .where(
                col(request.state).in_(_OVER),
                col(request.closed_at) < before,
                col(request.updated_at) < before,
                sa.or_(col(request.requester_name) != "", col(request.summary) != _TAKEN_OUT),
            )
            .order_by(col(request.id))
            .limit(_REQUESTS)
        ).all()
        if not rows:
            return None
        _empty_requests(uow, [row.id for row in rows if row.id is not None])
        for row in rows:
            row.summary, row.fields, row.requester_name = _TAKEN_OUT, {}, ""
        uow.trail.did("retention", after={"requests": len(rows)})
        return len(rows)

    return step


def _empty_requests(uow: UnitOfWork, ids: Sequence[int]) -> None:
    """All that hangs on them; where their two threads begin stays known."""
    messages = sa.select(col(t.RequestMessage.id)).where(col(t.RequestMessage.request_id).in_(ids))
    roots = sa.or_(col(t.Outbox.key).like("card:%"), col(t.Outbox.key).like("opened:%"))
    theirs = col(t.Outbox.request_id).in_(ids)
    for change in (
        sa.delete(t.MessageReaction).where(col(t.MessageReaction.message_id).in_(messages)),
        sa.delete(t.MessageCopy).where(col(t.MessageCopy.message_id).in_(messages)),
        sa.delete(t.RequestMessage).where(col(t.RequestMessage.request_id).in_(ids)),
        sa.delete(t.RequestEvent).where(col(t.RequestEvent.request_id).in_(ids)),
        sa.delete(t.IntentMark).where(col(t.IntentMark.request_id).in_(ids)),
        sa.update(t.Rating).where(col(t.Rating.request_id).in_(ids)).values(words=""),
        sa.delete(t.Outbox).where(theirs, ~roots),
        sa.update(t.Outbox).where(theirs).values(payload={}, error=""),
    ):
        uow.session.execute(change, execution_options={"synchronize_session": False})
