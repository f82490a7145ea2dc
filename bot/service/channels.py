"""What happens to channels: the bot comes or goes, one is shared, archived, gets another id."""

from __future__ import annotations

from datetime import timedelta

from bot.desk.arrivals import (
    BotRemoved,
    ChannelArchived,
    ChannelIdChanged,
    ChannelJoined,
    ChannelShared,
    ChannelUnarchived,
    ChannelUnshared,
)
from bot.service.boards import post_board
from bot.service.directory import is_staff_channel
from bot.service.house import House
from bot.service.places import name_elsewhere
from bot.service.posting import Posting
from bot.service.present_channels import staff_home
from bot.storage.accounts import SHADOW
from bot.storage.reminders import DueReminder
from bot.storage.unit_of_work import UnitOfWork

MOVED = "channel_moved"
_AGAIN = timedelta(minutes=1)
"""After a change of id: what a transaction of that very moment wrote under the old one follows."""
_UNTIL_LINKED = timedelta(minutes=10)
_KEPT = timedelta(days=7)
"""What could not be sent for longer is of no use any more."""


def channel_joined(uow: UnitOfWork, house: House, posting: Posting, joined: ChannelJoined) -> str:
    """The bot was invited: post the board of a linked channel, ask staff about any other."""
    if joined.user != house.identity.user:
        return "somebody joined"
    if is_staff_channel(uow, house, joined.channel):
        _send_what_waited(uow, house, posting, joined.channel)
        return "joined a staff channel"
    row = uow.accounts.channel(joined.channel)
    if row is None:
        ask_staff_to_link(uow, house, posting, joined.channel)
        return "joined an unlinked channel"
    _send_what_waited(uow, house, posting, joined.channel)
    if not row.board_key and row.mode != SHADOW:
        post_board(uow, house, posting, joined.channel, row.account_id)
    return "joined a customer channel"


def channel_shared(uow: UnitOfWork, house: House, posting: Posting, shared: ChannelShared) -> str:
    if uow.accounts.channel(shared.channel) is None:
        ask_staff_to_link(uow, house, posting, shared.channel)
        return "shared an unlinked channel"
    return "shared a linked channel"


def channel_unshared(
    uow: UnitOfWork, house: House, posting: Posting, unshared: ChannelUnshared
) -> str:
    """The customer's side is cut off: staff are told, the link stays for their decision."""
    return _tell_of_trouble(uow, house, posting, unshared.channel, "unshared")


def channel_archived(
    uow: UnitOfWork, house: House, posting: Posting, archived: ChannelArchived
) -> str:
    """Nobody can write there until it is brought back: staff are told."""
    return _tell_of_trouble(uow, house, posting, archived.channel, "archived")


def bot_removed(uow: UnitOfWork, house: House, posting: Posting, removed: BotRemoved) -> str:
    """We neither hear nor can say anything there: staff are told."""
    return _tell_of_trouble(uow, house, posting, removed.channel, "removed")


def channel_unarchived(
    uow: UnitOfWork, house: House, posting: Posting, unarchived: ChannelUnarchived
) -> str:
    """What could not be said there in the meantime is said now."""
    count = _send_what_waited(uow, house, posting, unarchived.channel)
    return f"unarchived a channel, {count} entries go out"


def _tell_of_trouble(
    uow: UnitOfWork, house: House, posting: Posting, channel: str, what: str
) -> str:
    """Staff read which customer it is about, and which requests hang in the air."""
    account = uow.accounts.of_channel(channel)
    if account is None:
        queues = [name for name, one in uow.accounts.queue_channels().items() if one == channel]
        if not queues or channel == staff_home(uow, house):
            return f"{what} a channel that is no customer's"
        _say(uow, house, posting, "staff.queue_channel_gone", channel=channel, queue=queues[0])
        return f"{what} a staff channel"
    rendered = house.content.templates.message(
        "channel_trouble",
        house.staff_language,
        what=what,
        channel=channel,
        account=account,
        bot=house.mention(),
        numbers=[request.number for request in uow.requests.open_in(channel)],
    )
    posting.message(staff_home(uow, house), rendered)
    return f"{what} a customer channel"


def _send_what_waited(uow: UnitOfWork, house: House, posting: Posting, channel: str) -> int:
    """Owe again what Slack refused while we could not post there; staff are told how much."""
    count = uow.outgoing.revive(channel, uow.now - _KEPT)
    house.owed.ring()
    if count and channel != staff_home(uow, house):
        _say(uow, house, posting, "staff.channel_back", channel=channel, count=count)
    return count


def _say(uow: UnitOfWork, house: House, posting: Posting, sentence: str, **words: object) -> None:
    rendered = house.content.templates.message(
        "say", house.staff_language, sentence=sentence, words=words
    )
    posting.message(staff_home(uow, house), rendered)


# --- another id -----------------------------------------------------------------------------------


def channel_moved(uow: UnitOfWork, house: House, posting: Posting, moved: ChannelIdChanged) -> str:
    """Slack gave a channel another id: everything that named the old one follows."""
    outcome = _move(uow, house, posting, moved.old, moved.new)
    if moved.old == house.staff_channel:
        _say(uow, house, posting, "staff.home_moved", channel=moved.new)
    return outcome


def move_again(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """A `Ring`: what was written under the old id meanwhile; or a link that stood in the way."""
    old, _, new = reminder.about.partition(">")
    return _move(uow, house, posting, old, new, first=False)


def _move(
    uow: UnitOfWork, house: House, posting: Posting, old: str, new: str, *, first: bool = True
) -> str:
    # Told once more, and late: it may have got yet another id since.
    new = uow.moves.present(new)
    if new == old:
        return f"{old} is its own id again"
    before, there = uow.accounts.channel(old), uow.accounts.channel(new)
    if before is not None and there is not None and before.account_id != there.account_id:
        _tell_of_conflict(uow, house, posting, old, new)
        uow.reminders.remind(MOVED, uow.now + _UNTIL_LINKED, about=f"{old}>{new}")
        return f"{new} belongs to another account than {old}"
    if before is not None and there is None:
        uow.moves.hear_again(new)
        house.arrived.ring()
    board = uow.outgoing.by_key(before.board_key) if before and there else None
    if board is not None:
        # It was linked anew by hand and has a board under its new id.
        posting.follow(board, "chat.delete", {})
    account_id = before.account_id if before else None
    uow.trail.did(
        "channel_moved", account_id=account_id, subject=f"channel {old}", after={"channel": new}
    )
    uow.moves.follow(old, new)
    uow.workspaces.rename_channel(old, new)
    if first:
        uow.reminders.remind(MOVED, uow.now + _AGAIN, about=f"{old}>{new}")
    return f"moved {old} to {new}"


def _tell_of_conflict(uow: UnitOfWork, house: House, posting: Posting, old: str, new: str) -> None:
    """Whose channel it is decides what is shown there, so staff decide, not we."""
    mine, other = uow.accounts.of_channel(old), uow.accounts.of_channel(new)
    assert mine is not None
    assert other is not None
    words = {"old": old, "new": new, "account": mine.name, "other": other.name}
    rendered = house.content.templates.message(
        "say", house.staff_language, sentence="staff.move_conflict", words=words
    )
    posting.message(staff_home(uow, house), rendered, key=f"move-conflict:{old}:{new}")


def ask_staff_to_link(uow: UnitOfWork, house: House, posting: Posting, channel: str) -> None:
    """Ask staff once whose channel this is."""
    key = f"unlinked:{channel}"
    if uow.outgoing.by_key(key) is None:
        rendered = house.content.templates.message(
            "unlinked",
            house.staff_language,
            channel=channel,
            workspace=name_elsewhere(uow, house, channel),
        )
        posting.message(staff_home(uow, house), rendered, key=key)
