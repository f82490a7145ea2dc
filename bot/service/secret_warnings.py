"""A private word to whoever wrote a secret: it was not stored, but it still stands in Slack."""

from __future__ import annotations

from bot.desk.arrivals import Arrival, CommandGiven, FormSubmitted
from bot.desk.meaning import language_of
from bot.service.directory import is_staff_channel
from bot.service.house import House
from bot.service.posting import Posting
from bot.storage.unit_of_work import UnitOfWork


def warn_about_secrets(uow: UnitOfWork, house: House, posting: Posting, arrival: Arrival) -> None:
    """Owe the author a message that only they see, or a DM where no channel is known."""
    channel = str(getattr(arrival, "channel", ""))
    if isinstance(arrival, FormSubmitted):
        channel = arrival.context.get("channel", "")
    account = uow.accounts.of_channel(channel) if channel else None
    person = uow.accounts.person(arrival.user)
    language = language_of(person.language if person else "")
    if account is not None:
        language = account.language
    elif is_staff_channel(uow, house, channel):
        language = house.staff_language
    words = house.content.words
    kinds = words.say(language, "secrets.and").join(
        words.say(language, f"secrets.{kind}") for kind in arrival.secrets
    )
    only_form = isinstance(arrival, FormSubmitted | CommandGiven)
    rendered = house.content.templates.message(
        "say",
        language,
        sentence="secrets.form" if only_form else "secrets.removed",
        words={"kinds": kinds},
    )
    thread = str(getattr(arrival, "thread_ts", ""))
    if channel:
        account_id = account.id if account else None
        posting.whisper(channel, arrival.user, rendered, thread=thread, account_id=account_id)
    else:
        posting.message(arrival.user, rendered)
