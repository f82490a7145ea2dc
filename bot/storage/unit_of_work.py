"""One transaction over everything: repositories never commit, this does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.desk.conversation import Conversation
from bot.storage import tables
from bot.storage.accounts import Accounts
from bot.storage.copies import Copies
from bot.storage.database import Database
from bot.storage.knowledge import Knowledge
from bot.storage.learning import Learning
from bot.storage.mail_wishes import MailWishes
from bot.storage.moves import ChannelMoves
from bot.storage.places import Places
from bot.storage.posted import by_key, posted_at
from bot.storage.ratings import Ratings
from bot.storage.recalls import Recalls
from bot.storage.received import Received
from bot.storage.reminders import Reminders
from bot.storage.requests import Requests
from bot.storage.trail import Doer, Trail
from bot.storage.workspaces import Workspaces

_UNREACHABLE = ("is_archived", "not_in_channel", "channel_not_found")
"""Slack's refusals that end when a channel is brought back or we are invited again."""


class Conversations:
    """What the bot remembers of threads, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def load(self, channel: str, thread_ts: str) -> Conversation | None:
        row = self._row(channel, thread_ts)
        return Conversation.from_json(row.state) if row else None

    def save(self, channel: str, thread_ts: str, user: str, conversation: Conversation) -> None:
        row = self._row(channel, thread_ts)
        if row is None:
            row = tables.Conversation(
                channel=channel,
                thread_ts=thread_ts,
                state={},
                updated_at=self._now,
            )
            self._session.add(row)
        row.user = user or row.user
        row.state = conversation.to_json()
        row.updated_at = self._now

    def expecting(self, channel: str, user: str, within: timedelta) -> str | None:
        """Root of the latest thread in which we wait for this person's answer."""
        rows = self._session.exec(
            select(tables.Conversation)
            .where(
                tables.Conversation.channel == channel,
                tables.Conversation.user == user,
                col(tables.Conversation.updated_at) >= self._now - within,
            )
            .order_by(col(tables.Conversation.updated_at).desc())
            .limit(3)
        )
        for row in rows:
            if Conversation.from_json(row.state).expecting:
                return row.thread_ts
        return None

    def last_speaker(self, channel: str, thread_ts: str) -> str:
        """The customer who wrote last in a thread of ours; empty when it is not ours."""
        row = self._row(channel, thread_ts)
        return row.user if row else ""

    def begun_by(self, channel: str, user: str, within: timedelta) -> str:
        """Root of the latest thread that this person spoke in last; empty for none of late."""
        row = self._session.exec(
            select(tables.Conversation)
            .where(
                tables.Conversation.channel == channel,
                tables.Conversation.user == user,
                col(tables.Conversation.updated_at) >= self._now - within,
                # Not on the board, where everybody has a conversation of their own.
                col(tables.Conversation.thread_ts).not_like("%:%"),
            )
            .order_by(col(tables.Conversation.updated_at).desc())
            .limit(1)
        ).first()
        return row.thread_ts if row else ""

    def recent(self, channel: str, limit: int = 50) -> list[tables.Conversation]:
        """The rows of a channel's latest conversations."""
        rows = self._session.exec(
            select(tables.Conversation)
            .where(tables.Conversation.channel == channel)
            .order_by(col(tables.Conversation.updated_at).desc())
            .limit(limit)
        )
        return list(rows)

    def _row(self, channel: str, thread_ts: str) -> tables.Conversation | None:
        return self._session.exec(
            select(tables.Conversation).where(
                tables.Conversation.channel == channel,
                tables.Conversation.thread_ts == thread_ts,
            )
        ).first()


class Outgoing:
    """Entries for the outbox, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def put(self, entry: tables.Outbox) -> bool:
        """False when an entry of that key is owed (or was delivered) already."""
        if self.by_key(entry.key) is not None:
            return False
        self._session.add(entry)
        self._session.flush()
        return True

    def by_key(self, key: str) -> tables.Outbox | None:
        return by_key(self._session, key)

    def of_prefix(self, prefix: str) -> list[tables.Outbox]:
        """Entries whose key begins so, as they are owed."""
        begins = col(tables.Outbox.key).startswith(prefix, autoescape=True)
        query = select(tables.Outbox).where(begins).order_by(col(tables.Outbox.id))
        return list(self._session.exec(query))

    def last_in(self, lane: str) -> tables.Outbox | None:
        """The latest entry of a lane, apart from those that were given up."""
        for states in (("pending", "sending", "unknown"), ("sent",)):
            found = self._session.exec(
                select(tables.Outbox)
                .where(tables.Outbox.lane == lane, col(tables.Outbox.state).in_(states))
                .order_by(col(tables.Outbox.id).desc())
                .limit(1)
            ).first()
            if found is not None:
                return found
        return None

    def count_of(self, beginning: str) -> int:
        """How many entries have a key that begins like this."""
        return self._session.exec(
            select(sa.func.count())
            .select_from(tables.Outbox)
            .where(col(tables.Outbox.key).like(f"{beginning}%"))
        ).one()

    def ts_of(self, key: str) -> str:
        row = self.by_key(key)
        return row.ts if row else ""

    def posted_at(self, channel: str, ts: str) -> tables.Outbox | None:
        return posted_at(self._session, channel, ts)

    def lane_of(self, channel: str, reference: str) -> str:
        """The lane of a thread or message: the same for `key:…` as for the ts it became."""
        row = (
            self.by_key(reference.removeprefix("key:"))
            if reference.startswith("key:")
            else self.posted_at(channel, reference)
        )
        return row.lane if row else f"{channel}:{reference}"

    def may_become(self, channel: str, ts: str) -> bool:
        """That message could be a root of ours whose ts we do not know yet."""
        unsettled = self._session.exec(
            select(tables.Outbox.id)
            .where(
                col(tables.Outbox.state).in_(("sending", "unknown")),
                tables.Outbox.channel == channel,
                tables.Outbox.thread == "",
                tables.Outbox.method == "chat.postMessage",
                tables.Outbox.ts == "",
            )
            .limit(1)
        ).first()
        if unsettled is None or self.posted_at(channel, ts) is not None:
            return False
        by_a_person = select(tables.Inbox.id).where(tables.Inbox.message_key == f"{channel}:{ts}")
        return self._session.exec(by_a_person).first() is None

    def amend(self, entry: tables.Outbox, **values: Any) -> bool:
        """Change an entry that surely was not sent yet; False when it is too late for that.

        Moving the fence takes the entry from a sender that has looked at it but not claimed it.
        """
        result: sa.CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            sa.update(tables.Outbox)
            .where(
                col(tables.Outbox.id) == entry.id,
                col(tables.Outbox.fence) == entry.fence,
                col(tables.Outbox.state) == "pending",
                col(tables.Outbox.ts) == "",
            )
            .values(fence=entry.fence + 1, **values)
        )
        self._session.expire(entry)
        return result.rowcount == 1

    def revive(self, channel: str, since: datetime) -> int:
        """Owe at once what Slack refused because we could not post in that channel; how much it is.

        It was refused, so it surely was not sent. Whispers are of their moment and stay dead.
        """
        entry = tables.Outbox
        refusals = [col(entry.error).like(f"%{word}%") for word in _UNREACHABLE]
        result: sa.CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            sa.update(entry)
            .where(
                col(entry.channel) == channel,
                col(entry.state).in_(("dead", "pending")),
                col(entry.created_at) >= since,
                col(entry.method) != "chat.postEphemeral",
                sa.or_(*refusals),
            )
            .values(state="pending", attempts=0, available_at=self._now, fence=col(entry.fence) + 1)
        )
        return result.rowcount

    def give_up(self, team: str, reason: str) -> int:
        """Nothing more is sent through that workspace's installation; how much was waiting.

        Moving the fence takes what is being sent just now from its sender, too.
        """
        result: sa.CursorResult[Any] = self._session.execute(  # type: ignore[assignment]
            sa.update(tables.Outbox)
            .where(
                col(tables.Outbox.team) == team,
                col(tables.Outbox.state).in_(("pending", "unknown", "sending")),
            )
            .values(state="dead", error=reason, fence=tables.Outbox.fence + 1, lease_until=None)
        )
        return result.rowcount

    def forget(self, key: str) -> None:
        """Wipe the words of a delivered message and of its delivered changes."""
        self._session.execute(
            sa.update(tables.Outbox)
            .where(
                sa.or_(col(tables.Outbox.key) == key, col(tables.Outbox.target) == f"key:{key}"),
                col(tables.Outbox.state).in_(("sent", "dead", "withdrawn")),
            )
            .values(payload={})
        )

    def is_board(self, channel: str, ts: str) -> bool:
        """That message is the pinned board of its channel."""
        entry = self.posted_at(channel, ts)
        return entry is not None and entry.key.startswith("board:")


class UnitOfWork:
    """The repositories of one transaction and its moment."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session = session
        self.now = now
        self.trail = Trail(session, now)
        self.accounts = Accounts(session, now)
        self.requests = Requests(session, now, self.trail)
        self.conversations = Conversations(session, now)
        self.learning = Learning(session, now)
        self.outgoing = Outgoing(session, now)
        self.moves = ChannelMoves(session, now)
        self.places = Places(session, now)
        self.knowledge = Knowledge(session, now)
        self.recalls = Recalls(session, now)
        self.reminders = Reminders(session, now)
        self.mail_wishes = MailWishes(session, now)
        self.ratings = Ratings(session, now)
        self.copies = Copies(session)
        self.received = Received(session)
        self.workspaces = Workspaces(session, now)

    def add_answer(self, answer: tables.GivenAnswer) -> int:
        self.session.add(answer)
        self.session.flush()
        return answer.id or 0

    def forget_questions(self, channel: str, ts: str) -> None:
        """The question of a deleted message, kept with the answer it got in its thread."""
        self.session.execute(
            sa.update(tables.GivenAnswer)
            .where(
                col(tables.GivenAnswer.channel) == channel,
                col(tables.GivenAnswer.thread_ts) == ts,
            )
            .values(question="")
        )

    def answers_to_improve(self, since: datetime, limit: int) -> list[tables.GivenAnswer]:
        """The latest that were none, did not help or were not chosen from; oldest first."""
        given = tables.GivenAnswer
        taken = aliased(given)
        was_taken = sa.exists().where(
            col(taken.channel) == col(given.channel),
            col(taken.thread_ts) == col(given.thread_ts),
            col(taken.id) > col(given.id),
            col(taken.question) == col(given.question),
            col(taken.band) == "answer",
        )
        rows = self.session.exec(
            select(given)
            .where(
                col(given.at) >= since,
                col(given.question) != "",
                sa.or_(
                    col(given.band) == "unknown",
                    col(given.vote) == "no",
                    sa.and_(col(given.band) == "suggest", ~was_taken),
                ),
            )
            .order_by(col(given.id).desc())
            .limit(limit)
        )
        return list(reversed(list(rows)))

    def is_answer(self, key: str) -> bool:
        """That outbox entry carries an answer from the documentation."""
        query = select(tables.GivenAnswer.id).where(tables.GivenAnswer.posted_key == key)
        return self.session.exec(query.limit(1)).first() is not None

    def answer(self, answer_id: int) -> tables.GivenAnswer | None:
        return self.session.get(tables.GivenAnswer, answer_id)


@contextmanager
def work(database: Database, now: datetime, doer: Doer | None = None) -> Iterator[UnitOfWork]:
    """What `doer` does, with its lines in the audit trail, all of it or nothing."""
    with database.transaction() as session:
        uow = UnitOfWork(session, now)
        uow.trail.doer = doer or uow.trail.doer
        uow.trail.watch()
        yield uow
        uow.trail.close()


@contextmanager
def look(database: Database, now: datetime) -> Iterator[UnitOfWork]:
    """The same repositories for reading only."""
    with database.reading() as session:
        yield UnitOfWork(session, now)
