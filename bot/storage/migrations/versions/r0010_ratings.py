"""What customers thought of how their requests were handled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import UtcTime, big_id, key_text, long_text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("request_id", big_id(), nullable=False),
        sa.Column("account_id", big_id(), nullable=False),
        sa.Column("user", key_text(32), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("words", long_text(), nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.Column("answered_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("request_id"),
        sa.ForeignKeyConstraint(
            ["request_id", "account_id"],
            ["request.id", "request.account_id"],
            name="fk_rating_account",
        ),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    op.create_index("ix_rating_person", "rating", ["user", "asked_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_rating_person", table_name="rating")
    op.drop_table("rating")
