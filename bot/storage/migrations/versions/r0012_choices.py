"""Suggestions that were offered, so that pressing one later still means the same section."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import JsonText

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("given_answer", sa.Column("choices", JsonText(), nullable=True))


def downgrade() -> None:
    op.drop_column("given_answer", "choices")
