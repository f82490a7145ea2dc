"""What people said about e-mail, and the time zone that Slack has for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, key_text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_wish",
        sa.Column("user", key_text(32), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("user"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.add_column("person", sa.Column("time_zone", key_text(64), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "time_zone")
    op.drop_table("mail_wish")
