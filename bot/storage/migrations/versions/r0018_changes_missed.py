"""Places that are read as a whole after a gap; conversations by time, requests by state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "place", sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_conversation_updated", "conversation", ["updated_at"])
    op.create_index("ix_request_open", "request", ["account_id", "state", "id"])


def downgrade() -> None:
    op.drop_index("ix_request_open", "request")
    op.drop_index("ix_conversation_updated", "conversation")
    op.drop_column("place", "whole")
