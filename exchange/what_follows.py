"""What follows of a mail, in words: as an answer to a letter of ours, and at the hub's own address.

The judgement is the intake's own (mailflow/interpret.py). Which letter it is, and whose, only the hub's records know:
so both ways are told, each with its condition.
"""

from __future__ import annotations

from exchange.case.acknowledgement import Proof
from exchange.case.sealed import Signed
from exchange.correspondence import CONTACT
from mailflow.evidence import Evidence
from mailflow.forwarded_meeting import tells_of_forwarding
from mailflow.interpret import About, Challenge, Machine, Outcome, Said, Unclear, Wrote, interpret

_PERSON = "a person reads it"
_RETURNED = "it names, or to whose return address it came"
_REPORTS = {
    "failed": f"the letter of ours that {_RETURNED}, is marked as returned, and the desk has a task to telephone; "
    "where there is none it waits for a person to say of which case",
    "delayed": f"shown beside the letter of ours that {_RETURNED}; where there is none it waits for a person to say "
    "of which case",
    "delivered": "the letter of ours to whose return address it came is marked as delivered, which is no "
    "acknowledgement; anywhere else it waits for a person to say of which case",
    "feedback": f"shown beside the agency whose letter it is, at the return address of that; anywhere else {_PERSON}",
}
_RELAYED = (
    "shown beside the letter to whose return address it came; no mailbox has it yet, as far as anybody says; "
    "anywhere else it waits for a person to say of which case"
)
_EVIDENCE = {
    "automatic_reply": "it is shown beside the agency, counts for nothing, and their deputy is asked once",
    "read_receipt": "it is shown beside the agency, and counts for nothing",
}
_UNCLEAR = {
    "unproved": f"nothing proves who wrote it: it counts for nothing, and {_PERSON}",
    "unclear": f"it says nothing plain: {_PERSON}, and no state follows",
    "more_said": f"it says more than counts unread: {_PERSON}, and no state follows",
    "automatic": f"a machine may have sent it: {_PERSON}, and no state follows",
    "not_opened": "part of it stayed shut: somebody asks for it again",
    "challenge": "it holds our letter until somebody confirms it: a person does",
    "receipt_failed": "it says that they cannot open it: a person rings",
    "receipt_words": f"somebody wrote words of their own in it: {_PERSON}",
}
_CONTACT = "becomes a contact in the desk's list “not yet looked at”, with its first-look clock running"
_CASE = "becomes a case with its subjects; its agencies are asked"
_ASTRAY = ", or, where the agency that signed it still owes an answer, waits for a person to say in which case"
_WAITS = "waits for a person to say what it is"
_OTHER_MAIL = "is listed under “Other mail”, and asks nobody"
_DISOWNED = (
    "; its own domain disowns it (DMARC): where that is the domain of an agency, nobody is asked before a person "
    "has typed it in"
)
_CALENDAR = (
    "the attendance of the invitee to whose address it came, or whose invitation and calendar address it names; it "
    f"counts as far as its sender is proved; where there is none it {_WAITS}"
)

_PASSED_ON = (
    "at the address of an invitee the desk is asked to find out who comes; nobody counts as coming, and nobody gets "
    f"the invitation or papers by it; anywhere else it {_WAITS}"
)


def follows(e: Evidence, *, answers: bool) -> str:
    """All that can be said without the hub's records. `answers`: by its looks it answers a message."""
    if e.looped and not e.report:
        return f"{_PERSON}: it has passed so many servers that it may be going round in circles"
    if e.report:
        handed_on = bool(e.report.recipients) and all(r.handed_on for r in e.report.recipients)
        return _RELAYED if e.report.kind == "delivered" and handed_on else _REPORTS[e.report.kind]
    if tells_of_forwarding(e.mail):
        return _PASSED_ON
    here = _at_the_hub(e)
    if e.meetings and here == _WAITS:
        return _CALENDAR
    named = (*e.mail.in_reply_to, *e.mail.references)
    if not (answers or e.automatic or e.read_receipt):
        return here
    by = "its reply address or the Message-ID that this names" if named else "its reply address"
    added = here == _CONTACT or here.startswith(_CASE)
    if here == _CONTACT and isinstance(e.signer, Signed):
        here += _ASTRAY
    elsewhere = f"at the hub's own address it {here}" if added else f"at the hub's own address too it {here}"
    referrers = "at the reply address of a case's referrer it " + ("is added to the case" if added else here)
    return f"as an answer to what an agency was sent, by {by}: {_in_answer(e)}; {referrers}; {elsewhere}"


def _at_the_hub(e: Evidence) -> str:
    match interpret(e, CONTACT.about):
        case Wrote(data=data) if data is not None:
            disowned = e.authenticity.dmarc == "fail" and not e.authenticity.aligned_domain
            return _CASE + (_DISOWNED if disowned else "")
        case Wrote():
            return _CONTACT
        case Machine():
            return _OTHER_MAIL
    return _WAITS


def _in_answer(e: Evidence) -> str:
    """As if whoever is proved to have sent it were the agency that was asked."""
    pins = frozenset({e.signer.fingerprint}) if isinstance(e.signer, Signed) else frozenset[str]()
    domain = e.authenticity.aligned_domain
    if e.meetings:
        return "the attendance that its calendar tells, for that letter's invitee"
    match interpret(e, About("leg", (domain,) if domain else (), pins)):
        case Said(answer=answer, proof=proof):
            return f"“{answer.replace('_', ' ')}” counts {_if_theirs(proof, domain)}"
        case Outcome(proof=proof):
            return f"what they say came of it counts {_if_theirs(proof, domain)}"
        case Challenge():
            return "that they disagree is put before a person"
        case Machine(kind=kind):
            return _EVIDENCE.get(kind, _PERSON)
        case Unclear(why=why):
            return _UNCLEAR.get(why, _PERSON)
    return _PERSON


def _if_theirs(proof: Proof, domain: str) -> str:
    by = f"{domain} is a mail domain" if proof is Proof.DKIM else "the key that signed it is one"
    return f"where {by} of the agency that was asked; else {_PERSON}"
