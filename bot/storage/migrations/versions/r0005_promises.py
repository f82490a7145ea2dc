"""What was promised, how its clock ran, and who is called when it is missed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText, UtcTime, key_text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "on_call",
        sa.Column("queue", key_text(40), nullable=False),
        sa.Column("user", key_text(32), nullable=False),
        sa.PrimaryKeyConstraint("queue"),
        mariadb_charset="utf8mb4",
        mysql_charset="utf8mb4",
    )
    for column in (
        sa.Column("promised_minutes", sa.Integer(), nullable=True),
        sa.Column("around_the_clock", sa.Boolean(), nullable=False, server_default=sa.false()),
        # MySQL takes no default for a text column: null means no pause.
        sa.Column("pauses", JsonText(), nullable=True),
        sa.Column("answered_after", sa.Integer(), nullable=True),
        sa.Column("promise", key_text(8), nullable=False, server_default=""),
        sa.Column("waiting_since", UtcTime(), nullable=True),
    ):
        op.add_column("request", column)


def downgrade() -> None:
    for name in (
        "waiting_since", "promise", "answered_after", "pauses", "around_the_clock",
        "promised_minutes",
    ):  # fmt: skip
        op.drop_column("request", name)
    op.drop_table("on_call")
