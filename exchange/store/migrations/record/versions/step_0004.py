"""Certificates of two kinds, proved before use; drills, evidence of TLS, letters to be fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Every certificate so far is OpenPGP, of its whole agency, and in use since it was added."""
    with op.batch_alter_table("certificate") as table:
        table.add_column(sa.Column("kind", sa.String(length=80), nullable=False, server_default="openpgp"))
        table.add_column(sa.Column("mailbox", sa.String(length=80), nullable=False, server_default=""))
        table.add_column(sa.Column("live_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE certificate SET live_at = added_at")
    with op.batch_alter_table("certificate") as table:
        table.alter_column("kind", server_default=None)
        table.alter_column("mailbox", server_default=None)
    op.create_table(
        "confirmation",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("way", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hub", "fingerprint", "by", "way"),
    )
    op.create_table(
        "drill",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("mailbox", sa.String(length=80), nullable=False),
        sa.Column("transport", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("heard", sa.String(length=80), nullable=False),
        sa.Column("ended", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("hub", "id"),
    )
    op.create_index("drill_mailbox", "drill", ["hub", "mailbox", "asked_at"])
    op.create_table(
        "evidence",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("hub", "domain"),
    )
    op.create_table(
        "pickup",
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("mailbox", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=64)),
        sa.Column("code_until", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hub", "letter"),
    )
