"""Mails that bear one Message-ID and are not one mail are known for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Of a mail that came before now nobody can say whether another bears its Message-ID."""
    with op.batch_alter_table("inbox") as table:
        table.add_column(sa.Column("named", sa.String(length=64), nullable=True))
    op.create_index("inbox_named", "inbox", ["hub", "named"])
