"""Accounts, their channels and clusters, staff queues, and who people are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.desk.meaning import Language, Mode, language_of
from bot.storage.tables import Account, Channel, Cluster, OnCall, Person, Presence, QueueChannel

SHADOW: Mode = "shadow"
"""The mode of a channel that is only watched: nothing of us is seen there."""
_NO_ESCAPE = "\x1f"
"""In no name. Without it a backslash in a name would hide the name on PostgreSQL and MySQL."""


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account as one of its channels sees it."""

    id: int
    name: str
    plan: str
    time_zone: str
    language: Language
    channel: str
    mode: Mode
    least_score: float = 0.0
    """In *listen* mode: how sure the bot must be to speak unasked."""
    clusters: tuple[str, ...] = ()


class Accounts:
    """The channel map and everything hanging from it, in the caller's transaction."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def of_channel(self, channel: str) -> LinkedAccount | None:
        """The account a channel is linked to: the only way from a message to an account."""
        found = self._session.exec(
            select(Account, Channel)
            .join(Channel, col(Channel.account_id) == col(Account.id))
            .where(Channel.channel == channel)
        ).first()
        return self._linked(*found) if found else None

    def of_person(self, user: str) -> list[LinkedAccount]:
        """One entry per account in whose channels the person was seen, latest first."""
        rows = self._session.exec(
            select(Account, Channel)
            .join(Channel, col(Channel.account_id) == col(Account.id))
            .join(Presence, col(Presence.channel) == col(Channel.channel))
            .where(Presence.user == user)
            .order_by(col(Presence.seen_at).desc())
        ).all()
        found: dict[int, LinkedAccount] = {}
        for account, channel in rows:
            linked = self._linked(account, channel)
            found.setdefault(linked.id, linked)
        return list(found.values())

    def _linked(self, account: Account, channel: Channel) -> LinkedAccount:
        assert account.id is not None
        names = self._session.exec(
            select(Cluster.name).where(Cluster.account_id == account.id).order_by(Cluster.name)
        ).all()
        return LinkedAccount(
            id=account.id,
            name=account.name,
            plan=account.plan,
            time_zone=account.time_zone,
            language=language_of(account.language),
            channel=channel.channel,
            mode=cast(Mode, channel.mode),
            least_score=channel.least_score or 0.0,
            clusters=tuple(names),
        )

    def by_name(self, name: str) -> Account | None:
        return self._session.exec(select(Account).where(Account.name == name)).first()

    def get(self, account_id: int) -> Account | None:
        return self._session.get(Account, account_id)

    def lock(self, account_id: int) -> None:
        """Until the transaction ends nobody else draws a picture of this account's requests."""
        query = select(Account.id).where(Account.id == account_id)
        self._session.exec(query.with_for_update(key_share=True)).first()

    def add(self, name: str, plan: str, time_zone: str, language: str) -> Account:
        """Insert an account, or change the one of that name."""
        account = self.by_name(name)
        if account is None:
            account = Account(
                name=name,
                plan=plan,
                time_zone=time_zone,
                language=language,
                created_at=self._now,
            )
            self._session.add(account)
        else:
            account.plan, account.time_zone, account.language = plan, time_zone, language
        self._session.flush()
        return account

    def link(self, channel: str, account_id: int, mode: str = "listen") -> Channel:
        """Link a channel. The caller has made sure that it is not another account's."""
        row = self._session.get(Channel, channel)
        if row is None:
            row = Channel(channel=channel, account_id=account_id, mode=mode, linked_at=self._now)
            self._session.add(row)
        row.account_id, row.mode = account_id, mode
        self._session.flush()
        return row

    def channel(self, channel: str) -> Channel | None:
        return self._session.get(Channel, channel)

    def unlink(self, channel: str) -> None:
        row = self._session.get(Channel, channel)
        if row is not None:
            self._session.delete(row)

    def channels(self, account_id: int | None = None) -> list[Channel]:
        query = select(Channel).order_by(Channel.channel)
        if account_id is not None:
            query = query.where(Channel.account_id == account_id)
        return list(self._session.exec(query))

    def channels_without_board(self) -> list[Channel]:
        """Those that should have one; a channel that is only watched sees nothing of us."""
        return list(
            self._session.exec(
                select(Channel).where(Channel.board_key == "", Channel.mode != SHADOW)
            )
        )

    def boards_too_many(self) -> list[Channel]:
        """Those with a board that are only watched by now."""
        return list(
            self._session.exec(
                select(Channel).where(Channel.board_key != "", Channel.mode == SHADOW)
            )
        )

    def all(self) -> list[Account]:
        return list(self._session.exec(select(Account).order_by(Account.name)))

    def names_within(self, text: str, *, besides: int) -> list[str]:
        """Names of other accounts that stand somewhere in a text, in whatever case; longest first.

        The database looks: there may be thousands of names. `%` and `_` in a name match too much.
        """
        pattern = sa.literal("%") + col(Account.name) + sa.literal("%")
        inside = sa.literal(text).like(pattern, escape=_NO_ESCAPE)
        found = self._session.exec(select(Account.name).where(col(Account.id) != besides, inside))
        return sorted(found, key=len, reverse=True)

    def remember_cluster(self, account_id: int, name: str) -> None:
        if self._session.get(Cluster, (account_id, name)) is None:
            self._session.add(Cluster(account_id=account_id, name=name, added_at=self._now))

    def clusters(self, account_id: int) -> list[str]:
        return list(
            self._session.exec(
                select(Cluster.name).where(Cluster.account_id == account_id).order_by(Cluster.name)
            )
        )

    # --- staff queues -------------------------------------------------------------------------

    def queue_channel(self, queue: str) -> str:
        row = self._session.get(QueueChannel, queue)
        return row.channel if row else ""

    def set_queue_channel(self, queue: str, channel: str) -> None:
        row = self._session.get(QueueChannel, queue)
        if row is None:
            self._session.add(QueueChannel(queue=queue, channel=channel))
        else:
            row.channel = channel

    def queue_channels(self) -> dict[str, str]:
        return {row.queue: row.channel for row in self._session.exec(select(QueueChannel))}

    def on_call(self, queue: str) -> str:
        """Who is called for a queue: its own person, or the one for all; empty for nobody."""
        for name in (queue, ""):
            row = self._session.get(OnCall, name)
            if row is not None:
                return row.user
        return ""

    def set_on_call(self, queue: str, user: str) -> None:
        """`queue` empty: for all queues without a person of their own; `user` empty: nobody."""
        row = self._session.get(OnCall, queue)
        if row is not None and not user:
            self._session.delete(row)
        elif row is not None:
            row.user = user
        elif user:
            self._session.add(OnCall(queue=queue, user=user))
        self._session.flush()

    def off_call(self, user: str) -> list[str]:
        """Nobody calls that person any more; returns the queues they were on call for."""
        rows = self._session.exec(select(OnCall).where(OnCall.user == user)).all()
        for row in rows:
            self._session.delete(row)
        return [row.queue for row in rows]

    # --- people -------------------------------------------------------------------------------

    def person(self, user: str) -> Person | None:
        return self._session.get(Person, user)

    def remember_person(
        self,
        user: str,
        team: str,
        name: str,
        language: str,
        email: str = "",
        time_zone: str = "",
        *,
        gone: bool = False,
    ) -> None:
        row = self._session.get(Person, user)
        if row is None:
            row = Person(user=user, team=team, name=name, language=language, fetched_at=self._now)
            self._session.add(row)
        row.team, row.name, row.language, row.fetched_at = team, name, language, self._now
        row.email, row.time_zone = email or None, time_zone or None
        row.gone_at = (row.gone_at or self._now) if gone else None

    def zone_of(self, user: str, otherwise: str) -> str:
        """The time zone on the person's own clock; `otherwise` where Slack has not said."""
        person = self.person(user)
        return (person.time_zone if person else "") or otherwise

    def saw(self, user: str, channel: str) -> None:
        """The person acted in that channel."""
        row = self._session.get(Presence, (user, channel))
        if row is None:
            self._session.add(Presence(user=user, channel=channel, seen_at=self._now))
        else:
            row.seen_at = self._now

    def seen_in(self, user: str, channels: set[str]) -> bool:
        """The person acted in one of those channels."""
        found = self._session.exec(
            select(Presence.user)
            .where(Presence.user == user, col(Presence.channel).in_(channels))
            .limit(1)
        ).first()
        return found is not None
