"""Rows as the tests need them, with everything that is not the point filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.desk.arrivals import MessagePosted
from bot.storage.database import Database
from bot.storage.received import inbox_values
from bot.storage.tables import Inbox, Outbox, RequestMessage, SupportRequest
from bot.storage.unit_of_work import work

NOON = datetime(2026, 11, 18, 12, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def incoming(key: str, lane: str = "C1", **more: Any) -> Inbox:
    arrival = MessagePosted(user="U1", channel=lane, ts=key, text="hello")
    row = Inbox(**inbox_values(arrival, key, lane, NOON, f"{lane}:{key}"))
    for column, value in more.items():
        setattr(row, column, value)
    return row


def outgoing(key: str, lane: str = "C1:1.0", **more: Any) -> Outbox:
    values = {
        "method": "chat.postMessage",
        "channel": "C1",
        "payload": {"text": "hello"},
        "available_at": NOON,
        "created_at": NOON,
        **more,
    }
    return Outbox(key=key, lane=lane, **values)


def request(account_id: int, origin: str = "C1:1.0:0", **more: Any) -> SupportRequest:
    values = {
        "requester": "U1",
        "requester_name": "Leo Strand",
        "channel": "C1",
        "thread_ts": "1.0",
        "intent": "get_cluster_support",
        "queue": "support",
        "severity": "S2",
        "state": "new",
        "summary": "prod-1 is slow",
        "fields": {"cluster": "prod-1"},
        "language": "en",
        "staff_channel": "CSTAFF",
        "opened_at": NOON,
        "updated_at": NOON,
        **more,
    }
    return SupportRequest(account_id=account_id, origin=origin, **values)


def said(request_id: int, account_id: int, ts: str = "2.0", **more: Any) -> RequestMessage:
    values = {
        "channel": "C1",
        "author": "U1",
        "author_name": "Leo Strand",
        "side": "customer",
        "text": "it got worse",
        "at": NOON,
        **more,
    }
    return RequestMessage(request_id=request_id, account_id=account_id, ts=ts, **values)


def account(database: Database, name: str = "Borealis Pay", *channels: str) -> int:
    """Add an account with its channels; returns its id."""
    with work(database, NOON) as uow:
        row = uow.accounts.add(name, "standard", "Europe/Stockholm", "en")
        for channel in channels:
            uow.accounts.link(channel, row.id or 0)
        return row.id or 0


def put(database: Database, *rows: Any) -> None:
    """Commit rows one after another, so that their ids are in this order."""
    for row in rows:
        with database.transaction() as session:
            session.add(row)
