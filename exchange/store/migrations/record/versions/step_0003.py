"""Who is on leave, and who covers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table: of nobody is it known so far."""
    op.create_table(
        "leave",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("covered_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("hub", "id"),
    )
    op.create_index("leave_until", "leave", ["hub", "until"])
