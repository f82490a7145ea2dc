"""Workspaces that installed the app, their sealed tokens, and in which of them a channel is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot.storage.tables import OAuthState, Outbox, Workspace, WorkspaceChannel


class Workspaces:
    """In the caller's transaction. Every change of tokens names the version that was read."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now

    def get(self, team: str) -> Workspace | None:
        """Also one that removed the app."""
        return self._session.get(Workspace, team)

    def all(self) -> list[Workspace]:
        return list(self._session.exec(select(Workspace).order_by(Workspace.team)))

    def install(
        self,
        team: str,
        *,
        name: str,
        url: str,
        bot_user: str,
        bot: str,
        sealed: str,
        expires_at: datetime | None,
        installed_by: str,
    ) -> bool:
        """Keep a new installation, or one in place of the last; True when it was there before."""
        row = self._session.get(Workspace, team, with_for_update=True)
        known = row is not None
        if row is None:
            row = Workspace(team=team, name="", bot_user="", bot="", installed_by="",
                            installed_at=self._now)  # fmt: skip
            self._session.add(row)
        row.name, row.url, row.bot_user, row.bot = name[:200], url[:255], bot_user, bot
        row.state, row.sealed, row.version = "installed", sealed, row.version + 1
        row.expires_at, row.refresh_after, row.refresh_error = expires_at, None, ""
        row.installed_by, row.installed_at, row.removed_at = installed_by, self._now, None
        self._session.flush()
        return known

    def remove(self, team: str, *, version: int | None = None) -> bool:
        """Delete the tokens; False when they are gone already, or newer than `version`."""
        wanted = [col(Workspace.team) == team, col(Workspace.state) == "installed"]
        if version is not None:
            wanted.append(col(Workspace.version) == version)
        gone: dict[str, Any] = {
            "state": "removed",
            "sealed": "",
            "version": col(Workspace.version) + 1,
            "expires_at": None,
            "refresh_after": None,
            "refresh_error": "",
            "removed_at": self._now,
        }
        return self._changed(sa.update(Workspace).where(*wanted).values(**gone))

    # --- tokens that end ----------------------------------------------------------------------

    def to_refresh(self, ahead: timedelta) -> list[Workspace]:
        """Those whose token ends within `ahead` and that nobody refreshes just now."""
        rows = self._session.exec(
            select(Workspace)
            .where(
                col(Workspace.state) == "installed",
                col(Workspace.expires_at) <= self._now + ahead,
                sa.or_(
                    col(Workspace.refresh_after).is_(None),
                    col(Workspace.refresh_after) <= self._now,
                ),
            )
            .order_by(col(Workspace.expires_at))
        )
        return list(rows)

    def begin_refresh(self, row: Workspace, until: datetime) -> bool:
        """Ours until then; False when somebody else was quicker."""
        return self._changed(
            sa.update(Workspace)
            .where(
                col(Workspace.team) == row.team,
                col(Workspace.version) == row.version,
                col(Workspace.state) == "installed",
                sa.or_(
                    col(Workspace.refresh_after).is_(None),
                    col(Workspace.refresh_after) <= self._now,
                ),
            )
            .values(refresh_after=until)
        )

    def refreshed(self, row: Workspace, sealed: str, expires_at: datetime) -> bool:
        """Keep new tokens in place of those that `row` was read with, however long it took.

        Slack has taken the old refresh token back by then: what counts is not whose turn it is
        but that nobody has stored newer tokens.
        """
        return self._replaced(
            row,
            sealed=sealed,
            version=row.version + 1,
            expires_at=expires_at,
            refresh_after=None,
            refresh_error="",
        )

    def not_refreshed(self, row: Workspace, again_at: datetime, reason: str) -> bool:
        return self._replaced(row, refresh_after=again_at, refresh_error=reason[:200])

    def expired(self, team: str, version: int) -> None:
        """Slack says so: it is due, whatever we thought; who refreshes it just now goes on."""
        self._changed(
            sa.update(Workspace)
            .where(
                col(Workspace.team) == team,
                col(Workspace.version) == version,
                col(Workspace.expires_at) > self._now,
            )
            .values(expires_at=self._now)
        )

    def resealed(self, row: Workspace, sealed: str) -> bool:
        """The same tokens under another key: the version stays, so no refresh is lost by it."""
        return self._replaced(row, sealed=sealed)

    def _replaced(self, row: Workspace, **values: Any) -> bool:
        return self._changed(
            sa.update(Workspace)
            .where(
                col(Workspace.team) == row.team,
                col(Workspace.version) == row.version,
                col(Workspace.state) == "installed",
            )
            .values(**values)
        )

    # --- channels -----------------------------------------------------------------------------

    def of_channel(self, channel: str) -> str:
        """The workspace through whose installation we are there; empty: nobody told us."""
        row = self._session.get(WorkspaceChannel, channel)
        return row.team if row else ""

    def unreachable(self) -> set[str]:
        """Channels of workspaces that removed the app."""
        rows = self._session.exec(
            select(WorkspaceChannel.channel)
            .join(Workspace, col(Workspace.team) == col(WorkspaceChannel.team))
            .where(col(Workspace.state) == "removed")
        )
        return set(rows)

    def rename_channel(self, old: str, new: str) -> None:
        """Something may have come from it under its new id already."""
        row = self._session.get(WorkspaceChannel, old)
        if row is not None:
            self._session.delete(row)
            self._session.flush()
            self._session.merge(WorkspaceChannel(channel=new, team=row.team))

    def saw(self, channel: str, team: str, home: str) -> None:
        """Something came from that channel through the installation of `team`.

        The first one counts: a channel that is shared between two workspaces with the app may come
        through either, and what one bot posted the other cannot change. So a channel in which
        we have posted before it was seen is our own workspace's (`home`).
        """
        row = self._session.get(WorkspaceChannel, channel)
        if row is None:
            first = home if self._posted_in(channel) else team
            self._session.add(WorkspaceChannel(channel=channel, team=first))
        elif row.team != team and self._is_gone(row.team):
            row.team = team

    def _posted_in(self, channel: str) -> bool:
        query = select(Outbox.id).where(
            Outbox.channel == channel, Outbox.ts != "", Outbox.team == ""
        )
        return self._session.exec(query.limit(1)).first() is not None

    def _is_gone(self, team: str) -> bool:
        row = self.get(team)
        return row is not None and row.state == "removed"

    # --- installations that were begun --------------------------------------------------------

    def begin(self, state: str, expires_at: datetime) -> None:
        self._session.execute(sa.delete(OAuthState).where(col(OAuthState.expires_at) < self._now))
        self._session.add(OAuthState(state=state, expires_at=expires_at))

    def end(self, state: str) -> bool:
        """True once, for a state that was begun and is not too old."""
        return self._changed(
            sa.delete(OAuthState).where(
                col(OAuthState.state) == state, col(OAuthState.expires_at) >= self._now
            )
        )

    def _changed(self, statement: Any) -> bool:
        result: sa.CursorResult[Any] = self._session.execute(statement)  # type: ignore[assignment]
        return result.rowcount == 1
