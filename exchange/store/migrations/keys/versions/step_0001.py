"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "wrapped_key",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("compartment", sa.String(length=160), nullable=False),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_wrapped_key_compartment"), "wrapped_key", ["compartment"], unique=False)
