"""An index by time, for what has happened since a page was made."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Nothing stored changes."""
    op.create_index("event_at", "event", ["hub", "at"])
