"""What happens to channels: the bot joins one, one is shared, unshared or gets another id."""

from __future__ import annotations

from bot.desk.arrivals import ChannelIdChanged, ChannelJoined, ChannelShared, ChannelUnshared
from bot.service.cards import post_board
from bot.service.directory import is_staff_channel
from bot.service.house import House
from bot.service.places import name_elsewhere
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork


def channel_joined(uow: UnitOfWork, house: House, posting: Posting, joined: ChannelJoined) -> str:
    """The bot was invited: post the board of a linked channel, ask staff about any other."""
    if joined.user != house.identity.user:
        return "somebody joined"
    if is_staff_channel(uow, house, joined.channel):
        return "joined a staff channel"
    row = uow.accounts.channel(joined.channel)
    if row is None:
        ask_staff_to_link(uow, house, posting, joined.channel)
        return "joined an unlinked channel"
    if not row.board_key:
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
    account = uow.accounts.of_channel(unshared.channel)
    if account is None:
        return "unshared an unlinked channel"
    rendered = house.content.templates.message(
        "say",
        house.staff_language,
        sentence="staff.unshared",
        words={"channel": unshared.channel, "account": account.name},
    )
    posting.message(house.staff_channel, rendered)
    return "unshared a customer channel"


def channel_moved(uow: UnitOfWork, moved: ChannelIdChanged) -> str:
    """Slack gave a channel another id: everything that named the old one follows."""
    uow.rename_channel(moved.old, moved.new)
    return f"moved {moved.old} to {moved.new}"


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
        posting.message(house.staff_channel, rendered, key=key)
