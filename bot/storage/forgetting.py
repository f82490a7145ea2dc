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
    "cluster": "deleted",
    "conversation": "deleted",
    "given_answer": "deleted",
    "inbox": "deleted; emptied where staff wrote it",
    "intent_mark": "deleted",
    "kb_page": "kept: public documentation",
    "kb_section": "kept: public documentation",
    "kb_sync": "kept: public documentation",
    "kb_version": "kept: public documentation",
    "message_copy": "deleted",
    "message_reaction": "deleted",
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
    ours, places = scope.account_id, scope.places
    requests = sa.select(col(t.SupportRequest.id)).where(col(t.SupportRequest.account_id) == ours)
    messages = sa.select(col(t.RequestMessage.id)).where(col(t.RequestMessage.account_id) == ours)
    given = sa.or_(
        col(t.GivenAnswer.account_id) == ours, col(t.GivenAnswer.channel).in_(scope.channels)
    )
    answers = sa.select(col(t.GivenAnswer.id)).where(given)
    yield Chore(
        t.Outbox,
        col(t.Outbox.id),
        sa.and_(
            col(t.Outbox.key).not_like(f"forget:{ours}:%"),
            sa.or_(
                col(t.Outbox.account_id) == ours,
                col(t.Outbox.request_id).in_(requests),
                col(t.Outbox.channel).in_(places),
                col(t.Outbox.lane).in_(scope.lanes),
            ),
        ),
    )
    yield Chore(
        t.Inbox,
        col(t.Inbox.id),
        sa.or_(col(t.Inbox.lane).in_(places), col(t.Inbox.author).in_(scope.people)),
    )
    yield Chore(
        t.MessageReaction, col(t.MessageReaction.message_id),
        col(t.MessageReaction.message_id).in_(messages),
    )  # fmt: skip
    yield Chore(t.MessageCopy, col(t.MessageCopy.id), col(t.MessageCopy.message_id).in_(messages))
    of_account: tuple[tuple[type[SQLModel], Any, Any], ...] = (
        (t.Rating, col(t.Rating.request_id), col(t.Rating.account_id)),
        (t.IntentMark, col(t.IntentMark.id), col(t.IntentMark.account_id)),
        (t.ShadowDecision, col(t.ShadowDecision.id), col(t.ShadowDecision.account_id)),
    )
    for table, key, account in of_account:
        yield Chore(table, key, account == ours)
    about = [
        f"{kind}:{user}" for user in scope.people for kind in ("MessagePosted", "ReactionAdded")
    ]
    yield Chore(
        t.Reminder, col(t.Reminder.id),
        sa.or_(col(t.Reminder.request_id).in_(requests), col(t.Reminder.about).in_(about)),
    )  # fmt: skip
    yield Chore(
        t.RequestEvent, col(t.RequestEvent.id), col(t.RequestEvent.request_id).in_(requests)
    )
    yield Chore(
        t.RequestMessage, col(t.RequestMessage.id), col(t.RequestMessage.account_id) == ours
    )
    yield Chore(
        t.SupportRequest, col(t.SupportRequest.id), col(t.SupportRequest.account_id) == ours
    )
    yield Chore(t.AnswerRecall, col(t.AnswerRecall.id), col(t.AnswerRecall.answer_id).in_(answers))
    yield Chore(t.GivenAnswer, col(t.GivenAnswer.id), given)
    yield Chore(
        t.Conversation,
        col(t.Conversation.id),
        sa.or_(
            col(t.Conversation.channel).in_(scope.channels),
            col(t.Conversation.user).in_(scope.people),
        ),
    )
    yield Chore(t.Place, col(t.Place.channel), col(t.Place.channel).in_(scope.channels))
    yield Chore(
        t.Presence, col(t.Presence.user),
        sa.or_(col(t.Presence.channel).in_(scope.channels), col(t.Presence.user).in_(scope.people)),
    )  # fmt: skip
    yield Chore(t.Person, col(t.Person.user), col(t.Person.user).in_(scope.people))
    yield Chore(t.Cluster, col(t.Cluster.name), col(t.Cluster.account_id) == ours)
    yield Chore(t.Channel, col(t.Channel.channel), col(t.Channel.account_id) == ours)


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
