"""Workspaces that installed the app."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from bot.storage.tables.fields import MYSQL, key_field, text_field, time_field


class Workspace(SQLModel, table=True):
    """A Slack workspace that installed the app by itself, and the sealed tokens it gave us."""

    __tablename__ = "workspace"
    __table_args__ = MYSQL

    team: str = key_field(32, primary_key=True)
    name: str = Field(sa_type=sa.String(200))
    url: str = key_field(default="")
    """Address of the workspace, with a slash at its end."""
    bot_user: str = key_field(32)
    bot: str = key_field(32)
    state: str = key_field(16, default="installed")
    """installed or removed; a removed one has no tokens."""
    sealed: str = text_field(default="")
    """`bot.storage.sealing`: the bot token and, where tokens rotate, the refresh token."""
    version: int = 0
    """Counts the tokens: whoever changes them names the version that was read."""
    expires_at: datetime | None = time_field(default=None, nullable=True)
    """When the bot token ends; null: never."""
    refresh_after: datetime | None = time_field(default=None, nullable=True)
    """Somebody refreshes the token now, or tried to: nobody else does before this."""
    refresh_error: str = key_field(200, default="")
    """Why it could not be refreshed the last time."""
    installed_by: str = key_field(32)
    installed_at: datetime = time_field()
    removed_at: datetime | None = time_field(default=None, nullable=True)


class WorkspaceChannel(SQLModel, table=True):
    """In which workspace we are in a channel: through its installation we speak there."""

    __tablename__ = "workspace_channel"
    __table_args__ = (sa.Index("ix_workspace_channel_team", "team"), MYSQL)

    channel: str = key_field(32, primary_key=True)
    team: str = key_field(32)


class OAuthState(SQLModel, table=True):
    """An installation that somebody began: good once, and for ten minutes."""

    __tablename__ = "oauth_state"
    __table_args__ = MYSQL

    state: str = key_field(64, primary_key=True)
    expires_at: datetime = time_field()
