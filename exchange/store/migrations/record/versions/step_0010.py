"""Row security on PostgreSQL: the wall itself is raised after the last step of every migration (row_security.py)."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Nothing stored changes."""
