"""Screening at the desk: sorting a contact, and what is known of its subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exchange import content, guarding, written_days
from exchange.case.event import InformationAdded
from exchange.case.fields import BY_KEY, Field, Kind, Section, questions
from exchange.case.referral import (
    DESCRIBES,
    Referral,
    ReferralRefused,
    SubjectCodes,
    age_band,
    present,
    read,
    refuses,
    subject_codes,
    unborn_fault,
    wrong,
)
from exchange.case.rules import Rules
from exchange.case.sorting import (
    AcceptedElsewhere,
    Borderline,
    BroughtBack,
    CohortSet,
    EnteredInError,
    Ground,
    Levelled,
    PersonChanged,
    RefusalOverridden,
    SecondReview,
    Sorted,
    Sorting,
    SubjectAdded,
    SubjectCorrected,
)
from exchange.case.state import Case
from exchange.case.step import CannotHappen
from exchange.desk.act import Act, caller_at, reason
from exchange.desk.given import Given, Unfit
from exchange.desk.working import Desk
from exchange.policy import Action
from exchange.store import casebook, matching
from exchange.store.casebook import Recorded
from exchange.store.database import Transaction
from exchange.tokens import subject_tokens


async def _sort(desk: Desk, case: str, given: Given, cause: str) -> Case:
    into = given.choice("into", Sorting)
    if into is Sorting.OUT_OF_AREA and not (given.may("agency") or given.may("about")):
        raise Unfit("about", "Write which area it belongs to, for example its council: somebody there must accept it")
    about = given.may("about").upper() if into is Sorting.DUPLICATE else given.may("agency") or given.may("about")
    worker = given.may("worker") if into is Sorting.OPEN_CASE else ""
    # Whom an earlier sorting named is not the worker of another agency.
    why = {**reason(given), **({content.WORKER: worker.encode()} if into is Sorting.OPEN_CASE else {})}
    if into is Sorting.DUPLICATE:
        await _read_with_the_first(desk, case, about, cause)
    return await desk.record(case, Sorted(desk.now(), desk.viewer.id, into, about, bool(worker)), cause, why)


async def _read_with_the_first(desk: Desk, case: str, reference: str, cause: str) -> None:
    """The first contact is unread again, because something came with the second. Recorded before the second is set
    aside: whatever happens in between, nothing is set aside that nobody will read."""
    first = await _first(desk, reference)
    if first.id == case:
        raise CannotHappen("this is the contact itself: name the reference of the first one")
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        repeated = (await casebook.load(tx, case)).reference
    event = InformationAdded(desk.now(), desk.viewer.id, "repeat")
    words = {content.WORDS: f"The same concern came again as {repeated}".encode()}
    await desk.record(first.id, event, f"{cause}:first", words)


async def _first(desk: Desk, reference: str) -> Case:
    """The case of the reference that was typed. Raises Unfit, the same for one that does not exist and one that must
    not be seen."""
    if not reference:
        raise Unfit("about", "Write the reference of the first contact that this one repeats")
    try:
        return await desk.case(reference)
    except casebook.NoSuchCase as absent:
        await guarding.absent(desk.hub, absent)
        raise Unfit("about", "No case has this reference: check it") from None


async def _accepted(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = AcceptedElsewhere(desk.now(), desk.viewer.id)
    return await desk.record(case, event, cause, {content.WHO: (await caller_at(desk, given, case)).part()})


async def _add(desk: Desk, case: str, given: Given, cause: str) -> Case:
    found, rules, whole = await known(desk, case)
    form, answers = _form(given), _answers(given, _form(given))
    if DESCRIBES.isdisjoint(answers):
        raise Unfit(
            "given_name", "Say who they are: a name, a date of birth, or what tells them from others (features)"
        )
    if "worry" not in answers and not given.yes("words_too"):
        raise Unfit(
            "worry",
            "Write what the worry about them is; or say that what was said with this contact is about them too "
            "(words_too): otherwise their packets tell nobody why",
        )
    who = f"s{len(found.subjects) + 1}"
    merged = replace(whole, subjects=(*whole.subjects, answers))
    _refuse_unborn(desk, rules, answers)
    await _protect_others(desk, found, rules, merged, cause)
    codes = _codes(desk, merged, who, form, rules, given)
    event = SubjectAdded(desk.now(), desk.viewer.id, codes, _names(who, answers), given.yes("words_too"))
    return await _record(desk, case, event, answers, merged, given, cause)


async def _correct(desk: Desk, case: str, given: Given, cause: str) -> Case:
    found, rules, whole = await known(desk, case)
    who = given.need("subject")
    subject = found.subject(who)
    if subject is None:
        raise CannotHappen(f"no subject “{who}” in this case")
    place, form = int(who.removeprefix("s")) - 1, subject.codes.form
    told = _answers(given, form)
    answers = {**whole.subjects[place], **told}
    born = {"unborn", "date_of_birth"}  # the one is wrong where the other stands already
    _refuse_unborn(desk, rules, {**({n: answers[n] for n in born & {*answers}} if born & {*told} else {}), **told})
    merged = replace(whole, subjects=(*whole.subjects[:place], answers, *whole.subjects[place + 1 :]))
    await _protect_others(desk, found, rules, merged, cause, but=who)
    codes = _codes(desk, merged, who, form, rules, given, subject.codes)
    changed = _differing(who, whole.subjects[place], answers)
    event = SubjectCorrected(desk.now(), desk.viewer.id, codes, _names(who, answers), changed)
    return await _record(desk, case, event, answers, merged, given, cause)


async def _record(
    desk: Desk, case: str, event: SubjectAdded | SubjectCorrected, answers: Mapping[str, str], merged: Referral,
    given: Given, cause: str,
) -> Case:  # fmt: skip
    hub = desk.hub

    async def with_index(tx: Transaction, recorded: Recorded) -> None:
        await matching.put(tx, case, subject_tokens(hub.index_secret, merged))

    parts = {**content.subject_part(event.codes.id, answers), **reason(given, event.codes.id)}
    return (await hub.record(case, event, cause, parts, actor=desk.viewer, also=with_index)).case


async def known(desk: Desk, case: str) -> tuple[Case, Rules, Referral]:
    """The case, its rules and what its referral says. Raises CannotHappen while nobody is named in it."""
    async with desk.hub.database.reading(desk.hub.scope(desk.viewer)) as tx:
        found = await casebook.load(tx, case)
        rules, whole = await casebook.rules_of(tx, found), await desk.hub.referral(tx, case)
    if whole is None:
        raise CannotHappen("type the contact in first: nobody is named in it yet")
    return found, rules, whole


async def _protect_others(desk: Desk, case: Case, rules: Rules, merged: Referral, cause: str, but: str = "") -> None:
    """Who lives at an address that has just become secret is protected before anything else happens."""
    today = desk.now().astimezone(rules.calendar.zone).date()
    for new in subject_codes(merged, today):
        old = case.subject(new.id)
        if old and new.id != but and new.address_protected and not old.codes.address_protected:
            codes = replace(old.codes, address_protected=True)
            names = tuple(n for n in case.fields if n.partition(".")[0] == new.id)
            event = SubjectCorrected(desk.now(), desk.viewer.id, codes, names)
            await desk.record(case.id, event, f"{cause}:{new.id}")


async def respected(desk: Desk, case: Case, merged: Referral, cause: str) -> None:
    """Adults of whom it is known only now that they refuse, or that they do not."""
    for subject, answers in zip(case.subjects, merged.subjects, strict=False):
        if subject.codes.form != "adult" or subject.in_error:
            continue
        no = refuses(replace(merged, form="adult"), answers)
        own = (
            subject.since is not None and subject.codes.refuses
        )  # said when they were added, and not with the contact
        codes = replace(subject.codes, refuses=no or own)
        if codes != subject.codes:
            names = tuple(n for n in case.fields if n.partition(".")[0] == subject.id)
            event = SubjectCorrected(desk.now(), desk.viewer.id, codes, names)
            await desk.record(case.id, event, f"{cause}:{subject.id}")


def _codes(
    desk: Desk, merged: Referral, who: str, form: str, rules: Rules, given: Given, before: SubjectCodes | None = None
) -> SubjectCodes:
    today = desk.now().astimezone(rules.calendar.zone).date()
    answers = merged.subjects[int(who.removeprefix("s")) - 1]
    found = next(c for c in subject_codes(merged, today) if c.id == who)
    said = _consent(given)
    no = refuses(replace(merged, form=form, consent={"consent": said} if said else merged.consent), answers)
    still = not said and before is not None and before.refuses and answers.get("capacity") == "yes"
    return replace(
        found,
        form=form,
        age_band=age_band(answers, form, today),
        role=given.may("role") or (before.role if before else "at_risk"),
        refuses=no or still,  # a no that they said once holds until they say yes, or cannot decide
    )


def _consent(given: Given) -> str:
    said = given.may("consent").lower()
    if said not in ("", "yes", "no"):
        raise Unfit("consent", "Say whether they themselves have agreed that others are told", ("yes", "no"))
    return said


def _form(given: Given) -> str:
    form = given.may("form") or "child"
    if form not in ("child", "adult"):
        raise Unfit("form", "Choose the form: child or adult")
    return form


def _answers(given: Given, form: str) -> dict[str, str]:
    """What was given about one subject, checked like any referral. Raises Unfit."""
    asked = questions(Section.SUBJECT, form)
    told = {f.name: _answer(given, f) for f in asked if _answer(given, f)}
    worry = {"worry": given.may("worry")} if given.may("worry") else {}
    if fault := wrong(given.may("worry"), BY_KEY["subject.worry"]):
        raise Unfit("worry", f"The worry about them is {fault[0]}: {fault[1]}")
    try:
        return {**dict(read({"form": form, "subjects": [told]}).subjects[0]), **worry}
    except ReferralRefused as refused:
        first = refused.problems[0]
        name = first.where.rpartition(".")[2]
        label = BY_KEY[f"subject.{name}"].label.rstrip("?")
        raise Unfit(name, f"{label}: {first.what}, {first.remedy}") from None


def _refuse_unborn(desk: Desk, rules: Rules, told: Mapping[str, str]) -> None:
    """Raises Unfit for what cannot be so of a baby not born yet."""
    if fault := unborn_fault(told, desk.now().astimezone(rules.calendar.zone).date()):
        name, what, remedy = fault
        raise Unfit(name, f"{what.capitalize()}: {remedy}")


def _answer(given: Given, asked: Field) -> str:
    if asked.kind is Kind.SEVERAL:
        return ", ".join(given.many(asked.name))
    text = given.may(asked.name)
    return written_days.whole(text) if asked.kind is Kind.DATE else text


def _names(who: str, answers: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{who}.{name}" for name in answers)


def _differing(who: str, before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Of the answers about somebody, those that are other than before."""
    return _names(who, {name: text for name, text in after.items() if before.get(name) != text})


async def _add_person(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Somebody of the household, or another who matters: told to whoever is asked from now on, by their need."""
    found, rules, whole = await known(desk, case)
    answers = _of_person(given, whole.form)
    if not answers.get("name") and not answers.get("relationship"):
        raise Unfit("name", "Say who they are: a name, or what they are to the child or adult")
    return await _person(desk, found, rules, whole, len(whole.household), answers, given, cause)


async def _correct_person(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """What is known of somebody of the household (`person`: p1, p2...) has changed; what was told stays as it was."""
    found, rules, whole = await known(desk, case)
    who = given.need("person")
    place = int(who[1:]) - 1 if who[:1] == "p" and who[1:].isdigit() else -1
    if not 0 <= place < len(whole.household):
        raise CannotHappen(
            f"nobody of the household is “{who}”: name one who is (p1, p2...), or add them (add_person)"
        )
    answers = {**whole.household[place], **_of_person(given, whole.form)}
    return await _person(desk, found, rules, whole, place, answers, given, cause)


async def _person(
    desk: Desk, found: Case, rules: Rules, whole: Referral, place: int, answers: Mapping[str, str], given: Given,
    cause: str,
) -> Case:  # fmt: skip
    merged = replace(whole, household=(*whole.household[:place], answers, *whole.household[place + 1 :]))
    await _protect_others(desk, found, rules, merged, cause)
    who = f"p{place + 1}"
    names = tuple(name for name in present(merged) if name.partition(".")[0] == who)
    parts = {**content.household_part(merged), **reason(given)}
    changed = _differing(who, whole.household[place], answers) if place < len(whole.household) else ()
    event = PersonChanged(desk.now(), desk.viewer.id, who, names, changed)
    return await desk.record(found.id, event, cause, parts)


def _of_person(given: Given, form: str) -> dict[str, str]:
    """What was given about somebody of the household, checked like any referral. Raises Unfit."""
    told = {f.name: given.may(f.name) for f in questions(Section.PERSON, form) if given.may(f.name)}
    try:
        return dict(read({"form": form, "subjects": [{}], "household": [told]}).household[0])
    except ReferralRefused as refused:
        first = refused.problems[0]
        name = first.where.rpartition(".")[2]
        label = BY_KEY[f"person.{name}"].label.rstrip("?")
        raise Unfit(name, f"{label}: {first.what}, {first.remedy}") from None


async def _in_error(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = EnteredInError(desk.now(), desk.viewer.id, given.need("subject"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _bring_back(desk: Desk, case: str, given: Given, cause: str) -> Case:
    """Somebody who was entered in error belongs in the case after all: clocks and packets begin again."""
    event = BroughtBack(desk.now(), desk.viewer.id, given.need("subject"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _cohort(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = CohortSet(desk.now(), desk.viewer.id, given.need("subject"), given.need("cohort"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _level(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = Levelled(desk.now(), desk.viewer.id, given.need("subject"), given.need("level"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _borderline(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = Borderline(desk.now(), desk.viewer.id, given.need("subject"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _review(desk: Desk, case: str, given: Given, cause: str) -> Case:
    event = SecondReview(desk.now(), desk.viewer.id, given.need("subject"), given.yes("agrees"))
    return await desk.record(case, event, cause, reason(given, event.subject))


async def _override(desk: Desk, case: str, given: Given, cause: str) -> Case:
    ground, agencies = given.choice("ground", Ground), given.many("agencies")
    event = RefusalOverridden(desk.now(), desk.viewer.id, given.need("subject"), ground, agencies)
    return await desk.record(case, event, cause, reason(given, event.subject))


ACTS: dict[str, Act] = {
    "sort": Act(Action.SCREEN, _sort),
    "accepted_elsewhere": Act(Action.SCREEN, _accepted),
    "add_subject": Act(Action.TRANSCRIBE, _add),
    "correct_subject": Act(Action.TRANSCRIBE, _correct),
    "add_person": Act(Action.TRANSCRIBE, _add_person),
    "correct_person": Act(Action.TRANSCRIBE, _correct_person),
    "entered_in_error": Act(Action.SCREEN, _in_error),
    "bring_back": Act(Action.SCREEN, _bring_back),
    "cohort": Act(Action.SCREEN, _cohort),
    "level": Act(Action.SCREEN, _level),
    "borderline": Act(Action.SCREEN, _borderline),
    "second_review": Act(Action.SECOND_REVIEW, _review),
    "override_refusal": Act(Action.DECIDE, _override),
}
