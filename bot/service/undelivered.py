"""What is said when something could not be delivered as it was owed."""

from __future__ import annotations

from bot.service.house import House
from bot.service.mails import tell_not_mailed
from bot.service.posting import MAIL, Posting, key_ref
from bot.service.present_channels import staff_home
from bot.storage.tables import Outbox
from bot.storage.unit_of_work import UnitOfWork


def tell_staff(uow: UnitOfWork, house: House, row: Outbox, reason: str) -> None:
    """Never silent, and never a complaint about a complaint."""
    if row.key.startswith("undelivered:"):
        return
    if row.method == MAIL:
        tell_not_mailed(uow, house, row, reason, house.clock())
        return
    rendered = house.content.templates.message(
        "say",
        house.staff_language,
        sentence="staff.undelivered",
        words={"channel": row.channel, "reason": reason[:200], "number": str(row.id)},
    )
    posting = Posting(uow, house, f"undelivered:{row.id}")
    posting.message(staff_home(uow, house), rendered)


def tell_file_not_copied(uow: UnitOfWork, house: House, row: Outbox, name: str) -> None:
    request = uow.requests.get(row.request_id or 0)
    if request is None:
        return
    rendered = house.content.templates.message(
        "say",
        house.staff_language,
        sentence="file.not_sent",
        words={"name": name},
    )
    posting = Posting(uow, house, f"not_copied:{row.id}")
    card = key_ref(request.card)
    posting.message(request.staff_channel, rendered, thread=card, request_id=request.id)


def say_aloud(uow: UnitOfWork, row: Outbox) -> None:
    """Owe a whisper's words as a reply in the same thread."""
    uow.outgoing.put(
        Outbox(
            key=f"aloud:{row.key}",
            lane=f"{row.channel}:{row.thread}",
            method="chat.postMessage",
            team=row.team,
            channel=row.channel,
            thread=row.thread,
            payload={name: row.payload[name] for name in ("text", "blocks")},
            account_id=row.account_id,
            available_at=uow.now,
            created_at=uow.now,
        )
    )
