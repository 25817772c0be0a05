"""Mail as it came in a table of its own, so that a change of its state does not write it anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Move what is kept; what was disposed of has no row any more."""
    op.create_table(
        "kept_mail",
        sa.Column("hub", sa.String(40), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("blob", sa.LargeBinary, nullable=False),
    )
    op.execute("INSERT INTO kept_mail (hub, id, blob) SELECT hub, id, blob FROM inbox WHERE blob IS NOT NULL")
    op.drop_column("inbox", "blob")
