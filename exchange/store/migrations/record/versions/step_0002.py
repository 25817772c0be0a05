"""Who is shut out of which case, and which keys are to be destroyed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables: no case of the first release shuts anybody out, and nothing of it is disposed of."""
    op.create_table(
        "shut_out",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("hub", "case_id", "kind", "who"),
    )
    op.create_table(
        "doomed",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("hub", "key"),
    )
