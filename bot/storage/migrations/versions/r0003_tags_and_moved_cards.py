"""Tags of requests, and cards that move with their queue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.storage.columns import key_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("tags", 500), ("card_key", 255)):
        column = sa.Column(name, key_text(length), nullable=False, server_default="")
        op.add_column("request", column)


def downgrade() -> None:
    op.drop_column("request", "card_key")
    op.drop_column("request", "tags")
