"""Forgetting a customer: every row that is theirs, table by table, in short transactions.

1. `begin` cuts them off: their channels are linked to nobody any more, what was owed to them is
   dropped, and `account.leaving` keeps which channels and people were theirs. From then on nothing
   new becomes theirs, and a run that was broken off finds its way again.
2. `steps` empties and deletes a batch after the other; what others are found by goes last.
3. `end` deletes the account itself. Foreign keys refuse that while anything of it is left.

What others share is emptied where it names them (`bot.storage.shared_rows`). Posts in Slack are
Slack's; only the board is taken down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from bot.storage import tables as t
from bot.storage.belongings import Scope
from bot.storage.shared_rows import BATCH, SharedRows, Step
from bot.storage.unit_of_work import UnitOfWork

FATE: Mapping[str, str] = {
    "account": "deleted",
    "announcement": "kept: staff's words to many; their channels are taken out",
    "answer_recall": "deleted",
    "audit": "kept: ids and numbers without names",
    "channel": "deleted",
    "channel_move": "deleted",
    "cluster": "deleted",
    "conversation": "deleted",
    "given_answer": "deleted",
    "inbox": "deleted; emptied where staff wrote it",
    "intent_mark": "deleted",
    "kb_page": "kept: public documentation",
    "kb_section": "kept: public documentation",
    "kb_sync": "kept: public documentation",
    "kb_version": "kept: public documentation",
    "mail_wish": "deleted",
    "message_copy": "deleted",
    "message_reaction": "deleted",
    "oauth_state": "kept: lasts ten minutes",
    "on_call": "kept: staff",
    "outbox": "deleted; emptied where it is about several",
    "person": "deleted",
    "place": "deleted",
    "presence": "deleted",
    "queue_channel": "kept: staff",
    "rating": "deleted",
    "reminder": "deleted",
    "request": "deleted",
    "request_event": "deleted",
    "request_message": "deleted",
    "shadow_decision": "deleted",
    "workspace": "kept: theirs to remove, by removing the app",
    "workspace_channel": "deleted",
}
"""What becomes of the rows of each table. A new table needs a line here: a test says so."""


# --- cut off --------------------------------------------------------------------------------------


def begin(uow: UnitOfWork, scope: Scope) -> int:
    """Nothing new becomes theirs from now on; the board is taken down. Returns links cut."""
    account = uow.accounts.get(scope.account_id)
    assert account is not None
    if account.leaving:
        return 0
    account.leaving = scope.to_json()
    linked = uow.accounts.channels(scope.account_id)
    for row in linked:
        board = uow.outgoing.by_key(row.board_key) if row.board_key else None
        if board is not None and board.ts:
            uow.outgoing.put(_taken_down(uow, scope, row.channel, board.ts))
        uow.accounts.unlink(row.channel)
    uow.trail.did("forget begun", account_id=scope.account_id)
    return len(linked)


def _taken_down(uow: UnitOfWork, scope: Scope, channel: str, ts: str) -> t.Outbox:
    """Its buttons would do nothing any more, and it lists their requests."""
    return t.Outbox(
        key=f"forget:{scope.account_id}:{channel}",
        lane=f"{channel}:{ts}",
        method="chat.delete",
        channel=channel,
        target=ts,
        payload={},
        available_at=uow.now,
        created_at=uow.now,
    )


def end(uow: UnitOfWork, scope: Scope, counts: Mapping[str, int]) -> None:
    """The account itself. Raises `IntegrityError` while something of it is left."""
    uow.session.execute(sa.delete(t.Account).where(col(t.Account.id) == scope.account_id))
    uow.trail.did("forget", account_id=scope.account_id, after=counts)


# --- batch by batch -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chore:
    """Rows of one table: how they are found, a batch at a time, and which condition they fulfil."""

    table: type[SQLModel]
    key: Any
    """The column that a batch is chosen by."""
    which: Any

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)

    def count(self, uow: UnitOfWork) -> int:
        query = sa.select(sa.func.count()).select_from(self.table).where(self.which)
        return uow.session.scalar(query) or 0

    def delete_some(self, uow: UnitOfWork) -> int | None:
        """How many rows; None when there were none."""
        chosen = uow.session.scalars(sa.select(self.key).where(self.which).limit(BATCH)).all()
        if not chosen:
            return None
        result: sa.CursorResult[Any] = uow.session.execute(  # type: ignore[assignment]
            sa.delete(self.table).where(self.which, self.key.in_(set(chosen))),
            execution_options={"synchronize_session": False},
        )
        return result.rowcount


def chores(scope: Scope) -> Iterator[Chore]:
    """In the order in which they must be done: what points to a row goes before it."""
    yield from _queued(scope)
    yield from _requested(scope)
    yield from _asked(scope)
    yield from _known(scope)


def _requests(scope: Scope) -> sa.Select[Any]:
    ours = col(t.SupportRequest.account_id) == scope.account_id
    return sa.select(col(t.SupportRequest.id)).where(ours)


def _queued(scope: Scope) -> Iterator[Chore]:
    outbox, inbox, reminder = t.Outbox, t.Inbox, t.Reminder
    theirs = sa.or_(
        col(outbox.account_id) == scope.account_id,
        col(outbox.request_id).in_(_requests(scope)),
        col(outbox.channel).in_(scope.places),
        col(outbox.lane).in_(scope.lanes),
    )
    board = col(outbox.key).like(f"forget:{scope.account_id}:%")
    yield Chore(outbox, col(outbox.id), sa.and_(theirs, ~board))
    theirs = sa.or_(col(inbox.lane).in_(scope.places), col(inbox.author).in_(scope.people))
    yield Chore(inbox, col(inbox.id), theirs)
    about = [f"{did}:{who}" for who in scope.people for did in ("MessagePosted", "ReactionAdded")]
    theirs = sa.or_(col(reminder.request_id).in_(_requests(scope)), col(reminder.about).in_(about))
    yield Chore(reminder, col(reminder.id), theirs)


def _requested(scope: Scope) -> Iterator[Chore]:
    message, reaction, copy, event = (
        t.RequestMessage, t.MessageReaction, t.MessageCopy, t.RequestEvent,
    )  # fmt: skip
    messages = sa.select(col(message.id)).where(col(message.account_id) == scope.account_id)
    yield Chore(reaction, col(reaction.message_id), col(reaction.message_id).in_(messages))
    yield Chore(copy, col(copy.id), col(copy.message_id).in_(messages))
    yield Chore(event, col(event.id), col(event.request_id).in_(_requests(scope)))
    for table, key in (
        (t.Rating, col(t.Rating.request_id)),
        (t.IntentMark, col(t.IntentMark.id)),
        (message, col(message.id)),
        (t.SupportRequest, col(t.SupportRequest.id)),
    ):
        yield Chore(table, key, col(table.account_id) == scope.account_id)


def _asked(scope: Scope) -> Iterator[Chore]:
    given, recall, talk, watched = t.GivenAnswer, t.AnswerRecall, t.Conversation, t.ShadowDecision
    theirs = sa.or_(
        col(given.account_id) == scope.account_id, col(given.channel).in_(scope.channels)
    )
    answers = sa.select(col(given.id)).where(theirs)
    yield Chore(recall, col(recall.id), col(recall.answer_id).in_(answers))
    yield Chore(given, col(given.id), theirs)
    theirs = sa.or_(col(talk.channel).in_(scope.channels), col(talk.user).in_(scope.people))
    yield Chore(talk, col(talk.id), theirs)
    yield Chore(watched, col(watched.id), col(watched.account_id) == scope.account_id)


def _known(scope: Scope) -> Iterator[Chore]:
    place, seen, person, move, wish = t.Place, t.Presence, t.Person, t.ChannelMove, t.MailWish
    yield Chore(place, col(place.channel), col(place.channel).in_(scope.channels))
    theirs = sa.or_(col(seen.channel).in_(scope.channels), col(seen.user).in_(scope.people))
    yield Chore(seen, col(seen.user), theirs)
    bound = t.WorkspaceChannel
    yield Chore(bound, col(bound.channel), col(bound.channel).in_(scope.channels))
    theirs = sa.or_(col(move.old).in_(scope.channels), col(move.new).in_(scope.channels))
    yield Chore(move, col(move.old), theirs)
    yield Chore(wish, col(wish.user), col(wish.user).in_(scope.people))
    yield Chore(person, col(person.user), col(person.user).in_(scope.people))
    for table, key in ((t.Cluster, col(t.Cluster.name)), (t.Channel, col(t.Channel.channel))):
        yield Chore(table, key, col(table.account_id) == scope.account_id)


def steps(scope: Scope) -> Iterator[tuple[str, Step]]:
    """What is to be done, in order, each until it returns None; a call is one transaction."""
    yield from _shared(scope, change=True).steps()
    for chore in chores(scope):
        yield chore.name, chore.delete_some


def counted(uow: UnitOfWork, scope: Scope) -> Counter[str]:
    """How many rows of which table would go."""
    counts: Counter[str] = Counter()
    for name, step in _shared(scope, change=False).steps():
        while (found := step(uow)) is not None:
            counts[name] += found
    for chore in chores(scope):
        counts[chore.name] += chore.count(uow)
    counts["account"] = 1
    return counts


def _shared(scope: Scope, *, change: bool) -> SharedRows:
    words = (*scope.names, *scope.channels)
    return SharedRows(scope.account_id, scope.places, scope.people, words, change=change)
