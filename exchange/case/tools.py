"""Tools: lists of signs that a referrer ticks, with the weight of each, and what the ticks come to.

1. A score informs people and decides nothing: no rule, route, clock or rating reads it. Events name which questions
   were answered, never what was answered, so that the core could not even if it wanted to.
2. What a sign weighs in a version of a tool never changes, so that the ticks, which are kept with the referral, give
   the same score for ever. Other signs or weights are another version (tests hold each to its fingerprint).
3. The sentences are our own. Whoever has filled in another list, such as the DASH checklist, gives its score beside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from exchange.case.code_lists import Code, CodeList

NONE = "none"  # nothing of it is true as far as the referrer knows: not the same as a blank


class Reading(StrEnum):
    """What the ticks come to."""

    SUM = "sum"  # of the weights
    HIGHEST = "highest"  # weight


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that may be true."""

    code: str
    label: str
    weight: int = 1
    strong: bool = False  # worth acting on by itself


@dataclass(frozen=True, slots=True)
class Tool:
    """One list."""

    key: str  # of the field that holds the ticks
    title: str
    version: int
    reading: Reading
    signs: tuple[Sign, ...]
    advice: str  # how the trade reads such a score: for people

    @property
    def codes(self) -> CodeList:
        """What may be ticked."""
        none = Code(NONE, "None of these, as far as I know")
        return CodeList(f"{self.key}/{self.version}", "", (*(Code(s.code, s.label) for s in self.signs), none))

    @property
    def most(self) -> int:
        """The highest score there is."""
        weights = [s.weight for s in self.signs]
        return sum(weights) if self.reading is Reading.SUM else max(weights)


@dataclass(frozen=True, slots=True)
class Score:
    """What somebody's ticks come to."""

    tool: Tool
    owner: str  # "s1", or "" of the concern as a whole
    points: int
    strong: tuple[str, ...]  # the strong signs ticked, in words


DOMESTIC = Tool(
    "concern.domestic_signs", "Signs of domestic abuse", 1, Reading.SUM, (
        Sign("injured", "They were injured by this person"),
        Sign("afraid", "They are very frightened of what this person may do"),
        Sign("isolated", "They are kept away from family, friends or a doctor"),
        Sign("low", "They feel very low, or have thought of ending their life"),
        Sign("leaving", "They left or tried to leave in the past year"),
        Sign("contact", "There is conflict about seeing the children"),
        Sign("followed", "They are followed, watched or contacted all the time"),
        Sign("pregnant", "They are pregnant, or had a baby in the past year and a half"),
        Sign("more_often", "It happens more and more often"),
        Sign("worse", "It gets worse each time"),
        Sign("controlled", "This person controls what they do, wear or spend, or is very jealous"),
        Sign("weapon", "A weapon, or a thing used as one, hurt or threatened them", strong=True),
        Sign("killing", "This person threatened to kill somebody, and was believed", strong=True),
        Sign("throat", "They were held by the throat, smothered or held under water", strong=True),
        Sign("sexual", "They were hurt sexually, or made to do sexual things", strong=True),
        Sign("others_join", "Others take part in it, or say that it is for the family’s honour"),
        Sign("hurt_others", "This person hurt others before: a child, a relative, an earlier partner"),
        Sign("animals", "Animals were hurt or threatened"),
        Sign("money", "They depend on this person for money, or money is very short"),
        Sign("drink", "Drink, drugs or mental ill health make this person more dangerous"),
        Sign("own_life", "This person threatened or tried to end their own life"),
        Sign("orders", "This person broke a court order, bail, or what was agreed about contact"),
        Sign("police", "The police know this person for violence"),
        Sign("children_saw", "Children saw or heard it"),
    ),
    "This is not the DASH checklist. From 14 of 24 of that, or when a professional judges so, many go to MARAC.",
)  # fmt: skip
EXPLOITATION = Tool(
    "subject.exploitation_signs", "Signs of exploitation", 1, Reading.SUM, (
        Sign("older", "Somebody older has power over them, or is called a boyfriend or girlfriend", 2, strong=True),
        Sign("places", "They were in a hotel, car or house with adults whom they cannot explain", 2, strong=True),
        Sign("goods", "They have money, telephones, clothes or drugs that nobody can explain", 2, strong=True),
        Sign("missing", "They go missing, or stay out overnight", 2, strong=True),
        Sign("moved", "They are taken to other towns, or to places they do not know", 2, strong=True),
        Sign("images", "Somebody asked for sexual pictures of them, or passed some on", 2, strong=True),
        Sign("carries", "They carry or sell drugs, weapons or money for somebody", 2, strong=True),
        Sign("threatened", "They or their family are threatened, or they owe somebody", 2, strong=True),
        Sign("health", "They have injuries, an infection or a pregnancy that they do not explain", 2, strong=True),
        Sign("secret", "They are secretive about their telephone and whom they meet"),
        Sign("changed", "Their mood, clothes or friends changed suddenly"),
        Sign("school", "They miss school, or are shut out of it"),
        Sign("substances", "They drink, or use drugs"),
        Sign("self_harm", "They hurt themselves"),
        Sign("home", "There is violence, neglect or loss at home"),
        Sign("alone", "They have few friends of their age, or find learning hard"),
        Sign("knows", "They know somebody who is exploited"),
    ),
    "Any strong sign at 13 or younger is serious. Ask of each sign whether it is so now, or was over six months ago.",
)  # fmt: skip
NEED = Tool(
    "subject.need_signs", "Level of need", 1, Reading.HIGHEST, (
        Sign("met", "Family, school and doctor meet their needs", 1),
        Sign("slipping", "They begin to fall behind in health, learning or friendships", 2),
        Sign("asks", "The family wants help that one service could give", 2),
        Sign("young_carer", "They look after somebody at home", 2),
        Sign("several", "More than one service is worried, about more than one thing", 3),
        Sign("not_lasting", "Help was given before, and did not last", 3),
        Sign("at_home", "Drink, drugs, mental ill health or violence at home affect them", 3),
        Sign("behaviour", "What they do puts them or others at risk", 3),
        Sign("disabled", "They have a disability that needs more than usual services give", 3),
        Sign("harmed", "Their health or development is being harmed, or will be without help", 4, strong=True),
        Sign("hurt", "They are hurt, abused or neglected, or are likely to be", 4, strong=True),
        Sign("nobody", "Nobody can look after them, or they ask to be kept safe", 4, strong=True),
    ),
    "1 universal, 2 early help, 3 targeted and complex, 4 statutory. The highest sign ticked counts.",
)  # fmt: skip
TOOLS = (DOMESTIC, EXPLOITATION, NEED)


def score(tool: Tool, answer: str, owner: str = "") -> Score | None:
    """What an answer comes to; None for a blank, which says nothing."""
    ticked = {part.strip() for part in answer.split(",")} - {""}
    found = [s for s in tool.signs if s.code in ticked]
    if not ticked:
        return None
    weights = [s.weight for s in found]
    points = sum(weights) if tool.reading is Reading.SUM else max(weights, default=0)
    return Score(tool, owner, points, tuple(s.label for s in found if s.strong))


def scores(concern: Mapping[str, str], subjects: tuple[Mapping[str, str], ...]) -> Iterator[Score]:
    """Every score of a referral, in the order of the tools."""
    for tool in TOOLS:
        section, _, name = tool.key.partition(".")
        told = [("", concern)] if section == "concern" else [(f"s{n}", s) for n, s in enumerate(subjects, 1)]
        yield from (found for owner, answers in told if (found := score(tool, answers.get(name, ""), owner)))
