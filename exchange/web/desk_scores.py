"""Scores: what the risk tools of a referral come to, shown to hub staff beside how the trade reads them.

Shown, and no more: a person rates and decides (exchange/case/tools.py, rule 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exchange.case.referral import Referral
from exchange.case.tools import Reading, Score, scores


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """One score in words."""

    title: str
    points: str
    strong: tuple[str, ...]
    advice: str


def scores_shown(referral: Referral | None, names: Mapping[str, str]) -> tuple[ScoreShown, ...]:
    """Each score of the referral; `names` are of the subjects by id."""
    found = scores(referral.concern, referral.subjects) if referral else ()
    return tuple(_shown(one, names.get(one.owner, "")) for one in found)


def _shown(score: Score, name: str) -> ScoreShown:
    tool = score.tool
    points = f"{score.points} of {tool.most}" if tool.reading is Reading.SUM else f"level {score.points or '–'}"
    title = f"{tool.title}, version {tool.version}"
    return ScoreShown(f"{title}: {name}" if name else title, points, score.strong, tool.advice)
