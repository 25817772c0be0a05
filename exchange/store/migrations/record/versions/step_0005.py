"""Which attempts a kept letter was written for; automatic answers counted; shared mailboxes read by IMAP."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A letter written anew before now cannot be told from one that was not: all its returns count."""
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("written", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("outbox") as table:
        table.alter_column("written", server_default=None)
    op.create_table(
        "answer",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "digest", "letter"),
    )
    op.create_table(
        "pulled",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("mailbox", sa.String(length=64), nullable=False),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "mailbox"),
    )
