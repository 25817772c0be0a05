"""CPU time of a served exchange: its process, its limited children and the gpg programs they start."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_OWN = slice(11, 15)  # utime, stime, cutime, cstime: proc(5), counted from the field after the name


def cpu_seconds(pid: int, home: str) -> float:
    """Seconds spent by `pid`, all that descends from it, and the gpg-agent of `home`, ended children included."""
    stats = {int(p.name): _stat(p) for p in Path("/proc").iterdir() if p.name.isdigit()}
    mine = {pid}
    grown = True
    while grown:
        more = {one for one, (parent, _) in stats.items() if parent in mine} - mine
        mine, grown = mine | more, bool(more)
    mine |= {one for one in stats if _belongs(one, home)}
    return sum(stats[one][1] for one in mine if one in stats)


def _stat(folder: Path) -> tuple[int, float]:
    try:
        fields = (folder / "stat").read_text().rpartition(") ")[2].split()
    except OSError:  # it ended while we looked
        return 0, 0.0
    return int(fields[1]), sum(map(int, fields[_OWN])) / _TICKS


def _belongs(pid: int, home: str) -> bool:
    try:
        return home.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
