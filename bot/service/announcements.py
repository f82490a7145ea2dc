"""Announcements: written in a form, shown to staff as they will look, sent once they say so.

Each chosen channel gets it once, in its account's language where that was written. Runs in the
caller's transaction; the outbox paces the posts and tells staff of those that could not be made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from bot.storage.tables import Announcement
from bot.storage.unit_of_work import UnitOfWork

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
        shown = [
            (language, rich(self._uow, self._house, as_sent(text)))
            for language, text in row.texts.items()
        ]
        return self._house.content.templates.message(
            "announcement_preview",
            self._house.staff_language,
            announcement=row,
            texts=shown,
            names=sorted({account.name for account in accounts}),
            count=len(accounts),
            missing=len(row.channels) - len(accounts),
        )

    def _state(self, row: Announcement) -> str:
        return self._house.content.words.say(
            self._house.staff_language, f"announce.state.{row.state}"
        )


def _text_for(texts: Mapping[str, str], language: Language) -> str:
    """In the account's language; else in English; else in what there is."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()))


def _key(row: Announcement) -> str:
    return f"announcement:{row.id}"
