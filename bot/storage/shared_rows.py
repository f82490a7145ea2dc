"""Rows of staff's side that name a customer who is being forgotten.

A staff member's form, a list of several customers' requests, a weekly report: such rows are
emptied and not deleted, so that nothing comes in or goes out a second time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from bot.content.blocks import strings_within
from bot.desk.requests import number_of
from bot.storage import tables as t
from bot.storage.emptying import without_words
from bot.storage.unit_of_work import UnitOfWork

BATCH = 300
"""Rows of a transaction: some ten milliseconds, so that a running bot hardly notices."""
_NUMBER = re.compile(r"SUP-\d+", re.IGNORECASE)
Step = Callable[[UnitOfWork], int | None]
"""One transaction's worth; how many rows fitted, None when nothing is left to look at."""


class SharedRows:
    """Looks through them a batch a call. With `change` False it only counts."""

    def __init__(
        self,
        account_id: int,
        places: Collection[str],
        people: Collection[str],
        words: Collection[str],
        *,
        change: bool,
    ) -> None:
        """`places` are channels and people, `words` what a text is searched for."""
        self._account_id = account_id
        self._places = frozenset(places)
        self._people = frozenset(people)
        self._change = change
        pattern = "|".join(map(re.escape, words)) or r"(?!)"
        self._pattern = re.compile(pattern, re.IGNORECASE)
        self._learned = False
        self._form_ids: set[tuple[str, str]] = set()
        """What a form says it is about, such as `("request", "12")`."""
        self._numbers: frozenset[str] = frozenset()

    def steps(self) -> Iterator[tuple[str, Step]]:
        yield "inbox, emptied", self._through(t.Inbox, self._inbox)
        yield "outbox, emptied", self._through(t.Outbox, self._outbox)
        yield "given_answer, emptied", self._through(t.GivenAnswer, self._questions)
        yield "announcement, emptied", self._through(t.Announcement, self._announcements)

    def _through(self, table: Any, look: Callable[[UnitOfWork, Sequence[Any]], int]) -> Step:
        last = 0

        def step(uow: UnitOfWork) -> int | None:
            nonlocal last
            query = sa.select(table).where(table.id > last).order_by(table.id).limit(BATCH)
            rows = uow.session.scalars(query).all()
            if not rows:
                return None
            last = rows[-1].id
            return look(uow, rows)

        return step

    def _inbox(self, uow: UnitOfWork, rows: Sequence[t.Inbox]) -> int:
        self._learn(uow)
        places = self._theirs(uow, [_place(row) for row in rows])
        found = 0
        for row in rows:
            if row.author in self._people or row.lane in self._places:
                continue  # deleted whole
            by_them = row.payload.get("user") in self._people
            if not by_them and not self._is_about_them(row, places):
                continue
            emptied = without_words(row.kind, row.payload)
            if not by_them and (row.payload, row.error) == (emptied, ""):
                continue
            found += 1
            if self._change and by_them:
                uow.session.delete(row)
            elif self._change:
                row.payload, row.error = emptied, ""
                row.state, row.done_at = "done", row.done_at or uow.now
                row.fence += 1
        return found

    def _is_about_them(self, row: t.Inbox, places: Collection[tuple[str, Any]]) -> bool:
        context = row.payload.get("context") or {}
        about = ((name, str(number)) for name, number in context.items())
        if any(one in self._form_ids for one in about):
            return True
        return _place(row) in places or self._names_them(row.payload, row.error)

    def _outbox(self, uow: UnitOfWork, rows: Sequence[t.Outbox]) -> int:
        """What was not sent yet is not sent any more."""
        self._learn(uow)
        found = 0
        for row in rows:
            if row.account_id == self._account_id or row.channel in self._places:
                continue  # deleted whole
            if not self._names_them(row.payload, row.error):
                continue
            found += 1
            if self._change:
                row.payload = {n: v for n, v in row.payload.items() if n == "_uploaded"}
                row.error, row.fence = "", row.fence + 1
                row.state = row.state if row.state in ("sent", "dead") else "withdrawn"
        return found

    def _questions(self, uow: UnitOfWork, rows: Sequence[t.GivenAnswer]) -> int:
        """Staff's own questions to the documentation."""
        self._learn(uow)
        named = [
            row for row in rows
            if row.account_id is None and self._names_them([row.question], "")
        ]  # fmt: skip
        for row in named if self._change else ():
            row.question = ""
        return len(named)

    def _announcements(self, _: UnitOfWork, rows: Sequence[t.Announcement]) -> int:
        """The words were for many; that they were for them, too, is taken out."""
        found = 0
        for row in rows:
            left = [channel for channel in row.channels if channel not in self._places]
            found += left != row.channels
            if self._change:
                row.channels = left
        return found

    # --- whether a row is about them ----------------------------------------------------------

    def _learn(self, uow: UnitOfWork) -> None:
        """What their requests are, at the first look: later they may be gone."""
        if self._learned:
            return
        ours = self._account_id
        requests = uow.session.scalars(
            sa.select(col(t.SupportRequest.id)).where(col(t.SupportRequest.account_id) == ours)
        ).all()
        messages = uow.session.scalars(
            sa.select(col(t.RequestMessage.id)).where(col(t.RequestMessage.account_id) == ours)
        )
        recalls = uow.session.scalars(
            sa.select(col(t.AnswerRecall.id))
            .join(t.GivenAnswer, col(t.GivenAnswer.id) == col(t.AnswerRecall.answer_id))
            .where(col(t.GivenAnswer.account_id) == ours)
        )
        self._numbers = frozenset(number_of(one) for one in requests if one is not None)
        for name, ids in (("request", requests), ("message", messages), ("recall", recalls)):
            self._form_ids |= {(name, str(one)) for one in ids}
        self._learned = True

    def _theirs(
        self, uow: UnitOfWork, places: Sequence[tuple[str, Any]]
    ) -> Collection[tuple[str, Any]]:
        """Those (channel, ts) that are a message of theirs, or a card below which staff wrote."""
        stamps = {str(ts) for _, ts in places if ts}
        requests = sa.select(col(t.SupportRequest.id)).where(
            col(t.SupportRequest.account_id) == self._account_id
        )
        posted = sa.select(col(t.Outbox.channel), col(t.Outbox.ts)).where(
            col(t.Outbox.ts).in_(stamps), col(t.Outbox.request_id).in_(requests)
        )
        wrote = sa.select(col(t.RequestMessage.channel), col(t.RequestMessage.ts)).where(
            col(t.RequestMessage.ts).in_(stamps),
            col(t.RequestMessage.account_id) == self._account_id,
        )
        return {(one, ts) for query in (posted, wrote) for one, ts in uow.session.execute(query)}

    def _names_them(self, payload: Any, error: str) -> bool:
        said = html.unescape("\n".join((*strings_within(payload), error)))
        if self._pattern.search(said):
            return True
        return any(number.upper() in self._numbers for number in _NUMBER.findall(said))


def _place(row: t.Inbox) -> tuple[str, Any]:
    """Below which message it was written, or which one a press or an edit is about."""
    about = row.payload.get("thread_ts") or row.payload.get("message_ts") or row.payload.get("ts")
    return row.lane, about
