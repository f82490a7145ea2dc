"""The kinds of columns, and what all tables have in common."""

from __future__ import annotations

from typing import Any

from sqlmodel import Field

from bot.storage.columns import JsonText, UtcTime, big_id, key_text, long_text

MYSQL: dict[str, Any] = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"}
NUMBERED = {**MYSQL, "sqlite_autoincrement": True}
"""Of tables whose ids stand in keys, in buttons or before people's eyes: SQLite would give the id
of a deleted newest row again, and an old button would act on somebody else's request."""


def id_field() -> Any:
    return Field(default=None, sa_type=big_id(), primary_key=True)


def key_field(length: int = 255, **options: Any) -> Any:
    return Field(sa_type=key_text(length), **options)


def text_field(**options: Any) -> Any:
    return Field(sa_type=long_text(), **options)


def json_field(**options: Any) -> Any:
    return Field(sa_type=JsonText, **options)


def time_field(**options: Any) -> Any:
    return Field(sa_type=UtcTime, **options)
