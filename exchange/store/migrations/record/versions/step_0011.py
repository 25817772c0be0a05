"""Until when a count of wrong tries counts, so that what counts no more is swept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
_NAMED_BY_TIME = ("sign-in:", "account/", "account-code/", "draft/", "key:", "one-time/")  # the others are of a case


def upgrade() -> None:
    """Counts of an hour or a day begin anew; that of a packet's code or a test stays."""
    with op.batch_alter_table("guess") as table:
        table.add_column(sa.Column("until", sa.DateTime(timezone=True)))
    for start in _NAMED_BY_TIME:
        op.execute(sa.text("DELETE FROM guess WHERE about LIKE :start").bindparams(start=f"{start}%"))
