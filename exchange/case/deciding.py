"""Deciding: the threshold decision for one subject, what must be settled before it, and the clocks it starts.

1. Nobody decides on a subject who is not rated, whose stream of work is not known, or who is borderline and was not
   looked at by a second person.
2. Answers that are still missing are named by whoever decides without them; the agencies go on owing them.
3. An adult with capacity who refuses is not decided onward unless a manager recorded the ground.
4. A new decision drops the clocks that the one before started, except those it starts too; a specialist route is
   dropped only knowingly, for a reason.
5. A decline that is open when everybody it is about is decided is settled by that decision, and says so; but for a
   conflict of interest, which goes on asking for another recipient.
6. Of a person who may pose a risk neither voice nor capacity is asked.
7. Where it is about somebody in a position of trust, the desk is asked at once whether the referrer's agency, or
   another, employs them and must be shut out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from exchange.case import telling
from exchange.case.acknowledgement import DeclineReason
from exchange.case.code_lists import CAPACITY_AT_ENQUIRY, NOT_HEARD, OUTCOMES_ASKED, CodeList
from exchange.case.decision import (
    ABOUT_AN_EMPLOYEE,
    ENDS_HERE,
    FROM_DECISION,
    FROM_RECEIPT,
    LABELS,
    ONLY_FOR,
    ROUTE_ONLY_FOR,
    ROUTES,
    Decision,
    ThresholdDecision,
    decisions_for,
    ways,
)
from exchange.case.effect import CloseTask, Effect, OpenTask, SetClock, StopClock, TaskKind
from exchange.case.event import ClockRanOut, Decided
from exchange.case.lateral_check import DECLINE_TABLE, Decline, DeclineNews
from exchange.case.milestone import MAY_BECOME, Milestone, MilestoneMet, MilestoneStarted, Progress
from exchange.case.owing import decided_anew, to_hand_over
from exchange.case.pressing import press_again
from exchange.case.rules import Rules
from exchange.case.sorting import IN_ERROR
from exchange.case.state import Case, Stamp, SubjectEpisode
from exchange.case.step import CannotHappen, Step

HEARD = "heard"
POSES_RISK = "poses_risk"  # the role of somebody about whom neither voice nor capacity is asked


@dataclass(frozen=True, slots=True)
class Want:
    """Why a subject may not be decided on so: what to do, and where it is a value of the decision, its name."""

    told: str
    name: str = ""
    codes: str = ""  # what would do

    def __str__(self) -> str:
        named = f"{self.told} ({self.name})" if self.name else self.told
        return f"{named}: {self.codes}" if self.codes else named


Guard = Callable[[Case, SubjectEpisode, Decided, Rules], Iterator[Want]]  # nothing when it may be decided


def _error(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if subject.in_error:
        yield Want("this subject was entered in error: nobody decides about them")


def _rating(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if not subject.ratings:
        yield Want("rate this subject before deciding: the rating sets the clocks it is measured by")


def _cohort(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if rules.cohorts and not subject.codes.cohort:
        yield Want("say to which stream of work this subject belongs", codes=", ".join(rules.cohorts))


def _second_review(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if subject.borderline is None:
        return
    if not any(review.by != event.by for review in subject.reviews):
        yield Want("this subject is borderline: somebody else must look first (second review)")
    elif not event.follow_up:
        yield Want("this subject is borderline: say on which day somebody looks again", "follow_up")


def _checks(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if not event.without_checks and (late := owing(case, subject.id)):
        which = ", ".join(rules.names(leg.agency for leg in case.legs if leg.id in late))
        told = f"an agency has not answered yet ({which}): wait for it, or say that you decide without its answer"
        yield Want(told, "without_checks")


def _refusal(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if subject.refuses and event.decision not in ENDS_HERE:
        told = "an adult with capacity refuses: respect it, or record on which ground it is overridden"
        yield Want(told, "override_refusal")


def _of_form(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    form = subject.codes.form
    if ONLY_FOR.get(event.decision, form) != form:
        whom = "a child" if form == "child" else "an adult"
        told = (
            f"“{LABELS[event.decision]}” cannot be decided of {whom}: choose what can, or add them on the other form"
        )
        yield Want(told, "decision", ", ".join(decisions_for(form)))
    for route in event.routes:
        if ROUTE_ONLY_FOR.get(route, form) != form and subject.codes.role != POSES_RISK:
            whom = "a child" if form == "child" else "an adult"
            yield Want(f"“{ROUTES[route].label}” is no route for {whom}: leave it out", "routes")


def _nothing_to_do(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    """No further action and something further cannot both be (DfE, children in need census, rule 8831)."""
    if event.decision is Decision.NFA and event.routes:
        labels = ", ".join(ROUTES[route].label for route in event.routes)
        yield Want(
            f"“{LABELS[Decision.NFA]}” takes no route: leave out {labels}, or decide on another outcome", "routes"
        )


def _dropped(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    before = subject.decisions[-1].routes if subject.decisions else ()
    gone = [route for route in before if route not in (*event.routes, *event.drops)]
    if gone:
        labels = ", ".join(ROUTES[route].label for route in gone)
        told = f"the decision before takes a route that this one leaves out ({labels}): tick it, or say why"
        yield Want(told, "dropped_why", ", ".join(gone))


def _limbs(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if event.decision is not Decision.SECTION_42:
        return
    if event.limbs is None:
        yield Want("answer the three limbs of section 42", "needs", "needs, risk and unable, each yes or no")
    elif not event.limbs.met:
        yield Want("not all three limbs of section 42 are met: record an other enquiry instead")


def _voice(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if subject.codes.role == POSES_RISK:
        return
    if subject.codes.age_band == "unborn" and event.voice == HEARD:
        why = "nobody can have heard an unborn child: leave the voice open, or say why not"
        yield Want(why, "voice", "too_young")
        return
    told = {f"{subject.id}.words", f"{subject.id}.wishes"} & set(case.fields)
    if not told and event.voice != HEARD and not _is_code(NOT_HEARD, event.voice):
        yield Want("say whether the person was heard", "voice", f"{HEARD}, or why not: {_codes(NOT_HEARD)}")


def _adult(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if subject.codes.form != "adult" or subject.codes.role == POSES_RISK:
        return
    if not _is_code(CAPACITY_AT_ENQUIRY, event.capacity):
        yield Want("record the adult’s capacity for this decision", "capacity", _codes(CAPACITY_AT_ENQUIRY))
    if not _is_code(OUTCOMES_ASKED, event.outcomes_asked):
        told = "record whether the adult was asked what they want"
        yield Want(told, "outcomes_asked", _codes(OUTCOMES_ASKED))


def _transfer(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Iterator[Want]:
    if event.decision is Decision.TRANSFER and not case.accepted_elsewhere:
        yield Want("nobody in the other area has accepted it yet: it is ours until a named person there does")


GUARDS: tuple[Guard, ...] = (
    _error, _rating, _cohort, _of_form, _second_review, _refusal, _transfer, _checks, _limbs, _nothing_to_do,
    _dropped, _voice, _adult,
)  # fmt: skip


def _is_code(of: CodeList, code: str) -> bool:
    return any(c.code == code for c in of.codes)


def _codes(of: CodeList) -> str:
    return ", ".join(c.code for c in of.codes)


def owing(case: Case, subject: str) -> tuple[str, ...]:
    """The legs about a subject that have not been answered."""
    return tuple(leg.id for leg in case.legs if subject in leg.subjects and leg.owing)


def _by_name(wants: Iterable[Want]) -> dict[str, str]:
    found: dict[str, str] = {}
    for want in wants:
        told = want.told[:1].upper() + want.told[1:]
        found[want.name] = f"{found[want.name]}; {want.told}" if want.name in found else told
    return found


def decided(case: Case, event: Decided, rules: Rules) -> Step:
    """One subject's threshold decision."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if case.closed:
        raise CannotHappen(
            "this case is closed: nobody would be asked to act on a decision. What is new, and whoever disagrees, "
            "opens it again; or take it as a new referral"
        )
    if event.additions not in (None, case.additions):
        raise CannotHappen("more was told while you wrote: it stands with the concern now. Read it, then decide")
    wants = [want for guard in GUARDS for want in guard(case, subject, event, rules)]
    if wants:  # all of them at once: whoever decides should not be sent back nine times
        raise CannotHappen("; ".join(map(str, wants)), **_by_name(wants))
    made = ThresholdDecision(
        at=event.at,
        by=event.by,
        code=event.decision,
        routes=event.routes,
        limbs=event.limbs,
        missing=owing(case, subject.id),
        voice=event.voice or ("" if subject.codes.role == POSES_RISK else HEARD),
        capacity=event.capacity,
        outcomes_asked=event.outcomes_asked,
        follow_up=event.follow_up,
        drops=event.drops,
    )
    subject = replace(subject, decisions=(*subject.decisions, made))
    case = _declines_settled(case.with_subject(subject), event)
    step = Step(case, (*_settled(case, subject), *_employer(made, subject.id)))
    step = step.then(decided_anew(step.case, subject.id, event.at, rules))
    step = step.then(Step(step.case, to_hand_over(step.case, subject.id)))
    step = step.then(_clocks_of(step.case, subject, event, rules))
    if not step.case.decided:
        return step
    return step.then(telling.tell(step.case, event.at, rules))


def _settled(case: Case, subject: SubjectEpisode) -> tuple[Effect, ...]:
    done = {subject.id, *(s.id for s in case.subjects if s.settled)}
    follow_up = subject.decisions[-1].follow_up
    again = SetClock(f"follow_up:{subject.id}", follow_up) if follow_up else StopClock(f"follow_up:{subject.id}")
    return (
        StopClock(f"decide:{subject.id}"),
        *(
            CloseTask(f"{name}:{subject.id}")
            for name in ("decide", "no_route", "second_review", "refusal", "follow_up")
        ),
        *(CloseTask(f"declined:{leg.id}") for leg in case.legs if done.issuperset(leg.subjects)),
        again,
    )


def _employer(made: ThresholdDecision, subject: str) -> tuple[Effect, ...]:
    """Rule 7: whom the person works for is no code, so that a person says whether an agency must be shut out."""
    if not ABOUT_AN_EMPLOYEE & {*made.ways}:
        return ()
    return (OpenTask(f"employer:{subject}", TaskKind.EMPLOYER, subject, made.at),)


def _declines_settled(case: Case, event: Decided) -> Case:
    """Rule 5: whoever decides has decided about the declines that nobody else acted on."""
    done = {s.id for s in case.subjects if s.settled}
    for leg in case.legs:
        conflict = leg.decline_reason == DeclineReason.CONFLICT  # loud until another recipient is chosen
        if leg.decline is Decline.OPEN and done.issuperset(leg.subjects) and not conflict:
            stamp = Stamp(event.at, event.by, "decline_settled")
            after = DECLINE_TABLE[leg.decline, DeclineNews.SETTLED] or leg.decline
            case = case.with_leg(replace(leg, decline=after, evidence=(*leg.evidence, stamp)))
    return case


def _clocks_of(case: Case, subject: SubjectEpisode, event: Decided, rules: Rules) -> Step:
    """Rule 4, and for a section 47 decision the conference that its strategy discussion starts."""
    starts = {name: event.at for name in (ROUTES[r].clock for r in ways(event.decision, event.routes)) if name}
    if name := FROM_DECISION.get(event.decision):
        starts[name] = event.at
    if name := FROM_RECEIPT.get(event.decision):
        starts[name] = subject.since or case.received_at
    held = [d for d in case.discussions if d.held_at and subject.id in d.subjects]
    if event.decision is Decision.SECTION_47 and held:
        starts["icpc"] = min(d.began_at or d.starts_at for d in held)
        del starts["strategy_discussion"]
    step = Step(case)
    for old in subject.milestones:
        if old.with_decision and old.progress is Progress.RUNNING and old.name not in starts:
            step = step.then(_ended(step.case, subject.id, old, Progress.DROPPED, event.at))
    for name, since in starts.items():
        step = step.then(start(step.case, subject.id, name, since, rules, with_decision=True))
    return step


def start(case: Case, subject: str, name: str, since: datetime, rules: Rules, *, with_decision: bool = False) -> Step:
    """Run the clock `name` for a subject, unless it runs already; nothing where law and hub set none."""
    episode = case.subject(subject)
    due = rules.statute.due(name, episode.codes.form, since, rules.calendar) if episode else None
    if episode is None or due is None:
        return Step(case)
    running = episode.milestone(name)
    if running and Progress.RUNNING not in MAY_BECOME[running.progress]:
        return Step(case)
    milestone = Milestone(name, since, due, with_decision=with_decision)
    return Step(case.with_subject(episode.with_milestone(milestone)), (SetClock(_key(subject, name), due),))


def _key(subject: str, name: str) -> str:
    return f"milestone:{subject}/{name}"


def _ended(case: Case, subject: str, milestone: Milestone, progress: Progress, at: datetime) -> Step:
    episode = case.subject(subject)
    assert episode is not None  # noqa: S101 - the caller has it
    key = _key(subject, milestone.name)
    ended = replace(milestone, progress=progress, ended_at=at)
    return Step(case.with_subject(episode.with_milestone(ended)), (StopClock(key), CloseTask(key)))


def milestone_started(case: Case, event: MilestoneStarted, rules: Rules) -> Step:
    """A person starts a clock."""
    subject = case.subject(event.subject)
    if subject is None:
        raise CannotHappen(f"no subject “{event.subject}” in this case")
    if subject.in_error:
        raise CannotHappen(IN_ERROR)
    known = [c.name for c in rules.statute.clocks if subject.codes.form in c.forms]
    if event.name not in known:
        raise CannotHappen(f"no clock “{event.name}” for this subject: use one of {', '.join(known) or 'none'}")
    if event.since > event.at:
        raise CannotHappen("a clock cannot begin in the future", since="This moment has not come yet")
    running = subject.milestone(event.name)
    if running and running.progress is Progress.RUNNING:
        raise CannotHappen("this clock runs already: say when it was met first")
    return start(case, event.subject, event.name, event.since, rules)


def milestone_met(case: Case, event: MilestoneMet, rules: Rules) -> Step:
    """It was done."""
    subject = case.subject(event.subject)
    running = subject.milestone(event.name) if subject else None
    if running is None or running.progress is not Progress.RUNNING:
        raise CannotHappen(f"no clock “{event.name}” runs for this subject")
    return _ended(case, event.subject, running, Progress.MET, event.at)


def milestone_due(case: Case, about: str, event: ClockRanOut, rules: Rules) -> Step:
    """A clock of law or practice ran out and nobody has said that it was met."""
    subject, _, name = about.partition("/")
    episode = case.subject(subject)
    running = episode.milestone(name) if episode else None
    if running is None or running.progress is not Progress.RUNNING:
        return Step(case)
    return Step(case, press_again(f"milestone:{about}", TaskKind.MILESTONE, about, event, rules))


def decision_due(case: Case, subject: str, event: ClockRanOut, rules: Rules) -> Step:
    """The decision clock ran out."""
    episode = case.subject(subject)
    if episode is None or episode.settled:
        return Step(case)
    return Step(case, press_again(f"decide:{subject}", TaskKind.DECIDE, subject, event, rules))


def follow_up_due(case: Case, subject: str, event: ClockRanOut, rules: Rules) -> Step:
    """The day on which somebody looks again has come."""
    return Step(case, (OpenTask(f"follow_up:{subject}", TaskKind.FOLLOW_UP, subject, event.at),))
