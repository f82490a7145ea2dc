"""Nobody keeps the bot busy: who does too much at once is told so once, then not answered.

That somebody is hushed is a reminder, so all replicas know and it ends by itself. Staff, and forms,
which take a person's time to fill in, are always answered.
"""

from __future__ import annotations

from bot.desk import arrivals as a
from bot.desk.meaning import Language, language_of
from bot.desk.pace import MOST, WINDOW, Pace, pace
from bot.service.directory import is_staff_channel, works_here
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.reminders import DueReminder
from bot.storage.tables import Inbox
from bot.storage.unit_of_work import UnitOfWork

HUSHED = "hushed"
_ANSWERED = (a.MessagePosted, a.ButtonPressed, a.CommandGiven, a.HomeOpened)
"""What the bot may answer each time, counted together; reactions are counted by themselves."""


def is_hushed(uow: UnitOfWork, house: House, row: Inbox, arrival: a.Arrival) -> bool:
    """Whether this act of a customer is not to be answered. Notes it for the next ones."""
    counted = _ANSWERED if isinstance(arrival, _ANSWERED) else (a.ReactionAdded,)
    if not arrival.user or not isinstance(arrival, counted):
        return False
    about = f"{counted[0].__name__}:{arrival.user}"
    note = uow.reminders.note(HUSHED, about=about)
    hushed = note is not None
    kinds = [one.__name__ for one in counted]
    acts = uow.received.acts(arrival.user, kinds, row, WINDOW, at_most=MOST + 1)
    if not hushed and acts <= MOST:
        return False
    channel = getattr(arrival, "channel", "")
    if is_staff_channel(uow, house, channel) or works_here(uow, house, arrival.user):
        return False
    if pace(acts, hushed=hushed) is Pace.ANSWER:
        uow.reminders.forget(HUSHED, about=about)
        return False
    since = note or {"since": uow.now.isoformat()}
    uow.reminders.remind(HUSHED, uow.now + WINDOW, about=about, payload=since)
    return True


def quiet_again(_uow: UnitOfWork, _house: House, _posting: Posting, _reminder: DueReminder) -> str:
    """Nothing came for a whole window: the next act is answered."""
    return "quiet again"


def tell_once(uow: UnitOfWork, house: House, posting: Posting, arrival: a.Arrival) -> bool:
    """Say why nothing is answered to who spoke to the bot; once until it is quiet again."""
    note = uow.reminders.note(HUSHED, about=f"{a.MessagePosted.__name__}:{arrival.user}")
    if note is None:
        return False
    channel = getattr(arrival, "channel", "")
    account = uow.accounts.of_channel(channel) if channel else None
    rendered = house.content.templates.message(
        "say", _language(uow, arrival, account.language if account else None),
        sentence="too_fast", words={},
    )  # fmt: skip
    key = f"too-fast:{arrival.user}:{note['since']}"
    if uow.outgoing.by_key(key) is not None:
        return False
    match arrival:
        case a.CommandGiven():
            posting.respond(arrival.response_url, rendered, arrival.user, key=key)
        case a.MessagePosted() | a.ButtonPressed() if channel:
            thread = arrival.thread_ts
            account_id = account.id if account else None
            posting.whisper(
                channel, arrival.user, rendered, thread=thread, account_id=account_id, key=key
            )
        case _:
            return False
    return True


def _language(uow: UnitOfWork, arrival: a.Arrival, account: Language | None) -> Language:
    person = uow.accounts.person(arrival.user)
    return account or language_of(person.language if person else "")
