"""Announcements: written in a form, shown to staff as they will look, sent once they say so.

Each chosen channel gets it once, in its account's language where that was written. Runs in the
caller's transaction; the outbox paces the posts. What became of them is looked up now and then
until every one is settled (`announcement_result`, a `Ring`), and staff's message says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.content.rich_text import as_sent
from bot.content.templates import Rendered
from bot.desk.arrivals import ButtonPressed, FormSubmitted
from bot.desk.errors import NotAllowed
from bot.desk.meaning import LANGUAGES, Language
from bot.desk.roles import Deed, Role, require
from bot.service.house import House
from bot.service.posting import Posting, key_ref
from bot.service.speech import Actor, rich
from bot.storage.accounts import LinkedAccount
from bot.storage.reminders import DueReminder
from bot.storage.tables import Announcement, Outbox
from bot.storage.unit_of_work import UnitOfWork

RESULT = "announcement_result"
_SETTLED = frozenset({"sent", "dead", "withdrawn"})
_SOON, _SELDOM = timedelta(seconds=3), timedelta(minutes=10)
"""Waits between looks at what was delivered; each is twice as long as the one before."""
EVERYBODY = "everybody"
"""The choice beside the plans that means every linked channel."""


def texts_of(values: Mapping[str, str]) -> dict[str, str]:
    """Language → what was written in it."""
    written = {language: values.get(f"text_{language}", "").strip() for language in LANGUAGES}
    return {language: text for language, text in written.items() if text}


def chosen_channels(uow: UnitOfWork, values: Mapping[str, str]) -> list[LinkedAccount]:
    """The channels that were chosen by plan, account or name, each once.

    Raises `NotAllowed` when nothing was chosen, or a channel that is no customer's.
    """
    plans, accounts, channels = (
        set(filter(None, values.get(name, "").split(",")))
        for name in ("plans", "accounts", "channels")
    )
    if not plans | accounts | channels:
        raise NotAllowed("announce.nobody_chosen")
    linked = [uow.accounts.of_channel(row.channel) for row in uow.accounts.channels()]
    known = [account for account in linked if account is not None]
    foreign = channels - {account.channel for account in known}
    if foreign:
        raise NotAllowed("announce.not_linked", channel=min(foreign))
    return [
        account
        for account in known
        if EVERYBODY in plans
        or account.plan in plans
        or str(account.id) in accounts
        or account.channel in channels
    ]


class Announcing:
    """One person's acts on announcements."""

    def __init__(
        self, uow: UnitOfWork, house: House, posting: Posting, actor: Actor, role: Role
    ) -> None:
        require(role, Deed.ANNOUNCE)
        self._uow = uow
        self._house = house
        self._posting = posting
        self._actor = actor

    def draft(self, form: FormSubmitted) -> str:
        """Keep what was written and show it to staff, with Send and Cancel."""
        texts = texts_of(form.values)
        if not texts:
            raise NotAllowed("announce.no_text")
        accounts = chosen_channels(self._uow, form.values)
        if not accounts:
            raise NotAllowed("announce.nobody_there")
        row = Announcement(
            state="draft",
            texts=texts,
            channels=[account.channel for account in accounts],
            author=self._actor.user,
            author_name=self._actor.name,
            staff_channel=form.context["channel"],
            created_at=self._uow.now,
        )
        self._uow.session.add(row)
        self._uow.session.flush()
        self._posting.message(row.staff_channel, self._preview(row, accounts), key=_key(row))
        return f"announcement {row.id} drafted"

    def press(self, press: ButtonPressed) -> str:
        """Send or cancel, once: the second of two is told that it was decided."""
        identity = int(press.value) if press.value.isdigit() else 0
        row = self._uow.session.get(
            Announcement, identity, populate_existing=True, with_for_update=True
        )
        if row is None or row.staff_channel != press.channel:
            raise NotAllowed("not_now.unknown_button")
        if row.state != "draft":
            raise NotAllowed("announce.decided", state=self._state(row))
        linked = [self._uow.accounts.of_channel(channel) for channel in row.channels]
        accounts = [account for account in linked if account is not None]
        sends = press.action == "do.announce:send"
        row.state = "sent" if sends else "cancelled"
        row.decided_by, row.decided_at = self._actor.name, self._uow.now
        if sends:
            for account in accounts:
                self._send(row, account)
            remind_of_result(self._uow, row, 0, (0, 0))
        rendered = self._preview(row, accounts)
        self._posting.change(row.staff_channel, key_ref(_key(row)), rendered)
        return f"announcement {row.id} {row.state}: {len(accounts)} channels"

    def _send(self, row: Announcement, account: LinkedAccount) -> None:
        text = _text_for(row.texts, account.language)
        rendered = self._house.content.templates.message(
            "announcement",
            account.language,
            elements=rich(self._uow, self._house, as_sent(text)),
        )
        self._posting.message(
            account.channel,
            rendered,
            key=f"{_key(row)}:{account.channel}",
            account_id=account.id,
        )

    def _preview(self, row: Announcement, accounts: Sequence[LinkedAccount]) -> Rendered:
        names = sorted({account.name for account in accounts})
        return _shown(self._uow, self._house, row, names, Outcome(waiting=len(accounts)))

    def _state(self, row: Announcement) -> str:
        return self._house.content.words.say(
            self._house.staff_language, f"announce.state.{row.state}"
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the posts."""

    delivered: int = 0
    waiting: int = 0
    failed: tuple[tuple[str, str, str], ...] = ()
    """Channel, account and reason of each that was given up."""

    @property
    def count(self) -> int:
        return self.delivered + self.waiting + len(self.failed)


def announcement_result(
    uow: UnitOfWork, house: House, posting: Posting, reminder: DueReminder
) -> str:
    """Say in staff's message how many have it, and look again while some are on their way."""
    row = uow.session.get(Announcement, int(reminder.about.rpartition(":")[2]))
    if row is None:
        return "no such announcement"
    posts = uow.outgoing.of_prefix(f"{_key(row)}:")
    names = {post.account_id: _name(uow, post) for post in posts}
    outcome = Outcome(
        delivered=sum(post.state == "sent" for post in posts),
        waiting=sum(post.state not in _SETTLED for post in posts),
        failed=tuple(
            (post.channel, names[post.account_id], post.error)
            for post in posts
            if post.state in _SETTLED and post.state != "sent"
        ),
    )
    told = (outcome.delivered, len(outcome.failed))
    if outcome.waiting:
        remind_of_result(uow, row, int(reminder.payload["looks"]) + 1, told)
    if list(told) != list(reminder.payload["told"]) or not outcome.waiting:
        rendered = _shown(uow, house, row, sorted(set(names.values())), outcome)
        posting.change(row.staff_channel, key_ref(_key(row)), rendered)
    return f"announcement {row.id}: {told[0]} delivered, {told[1]} failed"


def remind_of_result(uow: UnitOfWork, row: Announcement, looks: int, told: tuple[int, int]) -> None:
    """`looks`: how often it was looked up before; `told`: delivered and failed as staff know it."""
    wait = min(_SELDOM, _SOON * 2 ** min(looks, 10))
    payload = {"looks": looks, "told": list(told)}
    uow.reminders.remind(RESULT, uow.now + wait, about=_key(row), payload=payload)


def _shown(
    uow: UnitOfWork, house: House, row: Announcement, names: Sequence[str], outcome: Outcome
) -> Rendered:
    """Staff's message: the texts, where they go, and what became of them."""
    texts = [(language, rich(uow, house, as_sent(text))) for language, text in row.texts.items()]
    return house.content.templates.message(
        "announcement_preview",
        house.staff_language,
        announcement=row,
        texts=texts,
        names=names,
        outcome=outcome,
        missing=len(row.channels) - outcome.count,
    )


def _name(uow: UnitOfWork, post: Outbox) -> str:
    account = uow.accounts.get(post.account_id or 0)
    return account.name if account else "?"


def _text_for(texts: Mapping[str, str], language: Language) -> str:
    """In the account's language; else in English; else in what there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))


def _key(row: Announcement) -> str:
    return f"announcement:{row.id}"
