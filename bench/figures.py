"""The page of figures: each measurement keeps its own section, and leaves the others as they are."""

from __future__ import annotations

import re
from pathlib import Path

FIGURES = Path(__file__).parent.parent / "docs" / "figures.md"


def keep(title: str, text: str) -> None:
    """Put the section under this title: in the place of the one before, or at the end."""
    page = FIGURES.read_text(encoding="utf-8")
    section = f"## {title}\n\n{text.strip()}\n"
    before, found, after = page.partition(f"\n## {title}\n")
    rest = re.search(r"^## ", after, re.MULTILINE) if found else None
    tail = f"\n{after[rest.start() :]}" if rest else ""
    FIGURES.write_text(f"{before.rstrip()}\n\n{section}{tail}", encoding="utf-8")
