"""The board: one pinned message in each customer channel with what is open there.

People of other organisations have no commands, so it is their menu. It is brought up to date at
most every three seconds: what changes meanwhile is drawn into the update that waits, so the last
one shows the last state. Updates have a lane of their own, because answers to its buttons stand in
its thread and must not wait for them.
"""

from __future__ import annotations

from datetime import timedelta

from bot.content.templates import Rendered
from bot.desk.meaning import language_of
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.storage.reminders import DueReminder
from bot.storage.tables import Channel
from bot.storage.unit_of_work import UnitOfWork

EVERY = timedelta(seconds=3)
"""A lively morning changes it often; people read it now and then."""
STALE = "board_stale"
"""Reminder: something of the account that its boards show was changed on the command line."""


def owe_board(uow: UnitOfWork, house: House, posting: Posting, account_id: int) -> None:
    """Bring the boards of an account's channels up to date."""
    # Two that draw at once would each leave out what the other has just changed.
    uow.accounts.lock(account_id)
    rendered = None
    for channel in uow.accounts.channels(account_id):
        if channel.board_key:
            rendered = rendered or board(uow, house, account_id)
            posting.board(channel.channel, channel.board_key, rendered, account_id, every=EVERY)


def post_board(
    uow: UnitOfWork, house: House, posting: Posting, channel: str, account_id: int
) -> None:
    """Post and pin the board of a newly linked channel, or anew where somebody deleted it."""
    row = uow.accounts.channel(channel)
    assert row is not None
    # Two replicas that notice the new channel at once make the same key: one of them wins.
    beginning = f"board:{channel}:{row.linked_at.timestamp():.6f}"
    earlier = uow.outgoing.count_of(beginning)
    key = f"{beginning}:{earlier}" if earlier else beginning
    posting.message(channel, board(uow, house, account_id), key=key, account_id=account_id)
    posting.pin(channel, key_ref(key), account_id)
    row.board_key = key


def take_down(posting: Posting, row: Channel) -> None:
    """The channel is nobody's any more, or only watched: what it shows of an account goes."""
    if row.board_key:
        posting.delete(row.channel, key_ref(row.board_key))
        row.board_key = ""


def redraw(uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder) -> str:
    """A `Ring`: the account's plan, language or name is another one."""
    account_id = int(reminder.about)
    if uow.accounts.get(account_id) is not None:
        owe_board(uow, house, posting, account_id)
    return f"redrew the boards of account {account_id}"


def board(uow: UnitOfWork, house: House, account_id: int) -> Rendered:
    """The board as it is now, in the account's language."""
    account = uow.accounts.get(account_id)
    assert account is not None
    language = language_of(account.language)
    return house.content.templates.message(
        "board",
        language,
        account=account,
        # What somebody asked in a DM is not for the whole channel.
        requests=[
            request
            for request in uow.requests.listed(account_id, open_only=True, limit=10)
            if not request.channel.startswith("D")
        ],
        plan_name=house.content.plans.plan(account.plan).names[language],
        bot=house.mention(),
    )
