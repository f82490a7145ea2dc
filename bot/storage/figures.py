"""Reads what the report is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.desk.figures import Asked, Customer, Figures, OpenQuestion, Rated, figures_of
from bot.desk.requests import number_of
from bot.desk.shadows import Watched
from bot.storage.requests import as_request
from bot.storage.tables import Account, GivenAnswer, Rating, ShadowDecision, SupportRequest


def read_figures(
    session: Session,
    since: datetime,
    until: datetime,
    time_zone: str,
    unanswered: Sequence[OpenQuestion] = (),
) -> Figures:
    """The figures of `since` up to `until` (aware); days are those of `time_zone`."""
    requests = [
        as_request(row)
        for row in session.exec(
            select(SupportRequest)
            .where(SupportRequest.opened_at >= since, SupportRequest.opened_at < until)
            .order_by(col(SupportRequest.id))
        )
    ]
    accounts = {row.id or 0: Customer(row.name, row.plan) for row in session.exec(select(Account))}
    asked, watched = _asked(session, since, until), _watched(session, since, until)
    return figures_of(
        requests, accounts, asked, watched, since, until, time_zone,
        rated=_rated(session, since, until), unanswered=unanswered,
    )  # fmt: skip


def _rated(session: Session, since: datetime, until: datetime) -> list[Rated]:
    """Who was asked in that time, and what they said until now."""
    rows = session.exec(
        select(Rating)
        .where(col(Rating.asked_at) >= since, col(Rating.asked_at) < until)
        .order_by(col(Rating.request_id))
    )
    return [Rated(row.score, row.words, row.account_id, number_of(row.request_id)) for row in rows]


def _watched(session: Session, since: datetime, until: datetime) -> dict[str, list[Watched]]:
    found: dict[str, list[Watched]] = {}
    for row in session.exec(
        select(ShadowDecision)
        .where(ShadowDecision.at >= since, ShadowDecision.at < until)
        .order_by(col(ShadowDecision.id))
    ):
        one = Watched(row.score, row.speaks, row.staff_at is not None)
        found.setdefault(row.channel, []).append(one)
    return found


def _asked(session: Session, since: datetime, until: datetime) -> list[Asked]:
    opened_there = (
        select(SupportRequest.id)
        .where(
            SupportRequest.channel == GivenAnswer.channel,
            SupportRequest.thread_ts == GivenAnswer.thread_ts,
            SupportRequest.opened_at >= GivenAnswer.at,
        )
        .exists()
    )
    rows = session.execute(
        sa.select(GivenAnswer, opened_there)
        .where(col(GivenAnswer.at) >= since, col(GivenAnswer.at) < until)
        .order_by(col(GivenAnswer.id))
    )
    return [
        Asked(
            question=row.question,
            language=row.language,
            band=row.band,
            vote=row.vote,
            at=row.at,
            became_request=bool(became),
        )
        for row, became in rows
    ]
