"""People's e-mail addresses, as Slack shows them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("email", sa.String(254), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "email")
