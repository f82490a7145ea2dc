"""Column types that mean the same on SQLite, PostgreSQL, MySQL, MariaDB and TiDB.

SQLModel's own defaults become VARCHAR(255) and second-precision DATETIME on MySQL: long messages
would be refused and order within a second lost. So every column names its type here.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

_COLLATION = "utf8mb4_bin"
"""Slack ids and our keys differ by case; MySQL's default collations would merge them."""


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in Python, microseconds in the database; naive times are refused."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.DateTime())

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """A JSON value as text, the same bytes on every engine."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(long_text())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(value)


def big_id() -> sa.types.TypeEngine[int]:
    """64-bit; SQLite counts up only an INTEGER primary key."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def key_text(length: int = 255) -> sa.types.TypeEngine[str]:
    """Ids and keys: compared byte by byte, short enough for an index everywhere."""
    return sa.String(length).with_variant(
        mysql.VARCHAR(length, collation=_COLLATION), "mysql", "mariadb"
    )


def long_text() -> sa.types.TypeEngine[str]:
    """Messages and payloads: up to 16 MB on MySQL, whose plain TEXT ends at 64 KB."""
    return sa.Text().with_variant(
        mysql.MEDIUMTEXT(collation="utf8mb4_unicode_ci"), "mysql", "mariadb"
    )
