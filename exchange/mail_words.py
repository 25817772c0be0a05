"""Words of mail: which letter, where it stands, by which transport it goes and why not by those before it."""

from __future__ import annotations

from collections.abc import Iterable

from exchange.case.delivery import FAILED, THERE, Delivery, News
from exchange.case.effect import Letter
from exchange.case.mailbox import PassedOver, Transport

RELAYED = "handed to our relay"  # whose word says nothing of their server
TAKEN = "taken by their server"  # to which we spoke ourselves
_MAIL = {
    "to_seal": "waits to be sealed",
    "kept": "sealed, about to go",
    "held": "held: it cannot go",
    "accepted": RELAYED,
    "deferred": "not taken yet, tried again later",
    "uncertain": "perhaps taken, tried again",
    "refused": "refused by a mail server",
    "bounced": "came back",
    "fetched": "read on the page; that is no acknowledgement",
    "expired": "nobody fetched it in time",
    "withdrawn": "withdrawn before it left",
}
NEWS = {
    News.KEPT: "sealed and kept",
    News.HELD: "held: it cannot go",
    News.ACCEPTED: RELAYED,
    News.DEFERRED: "not taken yet, tried again later",
    News.REFUSED: "refused",
    News.UNCERTAIN: "perhaps taken, tried again",
    News.DELIVERED: "delivered, their server says",
    News.RELAYED: "handed on to a server that reports nothing back",
    News.DELAYED: "delayed on its way",
    News.BOUNCED: "came back",
    News.FETCHED: "read on the page by somebody with the one-time code",
    News.EXPIRED: "nobody fetched it in time",
}
LETTERS = {
    Letter.RECEIPT: "Receipt to the referrer",
    Letter.ACCEPTED: "“A person has read it” to the referrer",
    Letter.OUTCOME: "Outcome to the referrer",
    Letter.PACKET: "Packet",
    Letter.DEPUTY: "Packet to the deputy",
    Letter.REMINDER: "Reminder",
    Letter.INVITATION: "Invitation",
    Letter.PAPERS: "Papers",
    Letter.CHASER: "Second call to an invitee",
    Letter.CANCELLATION: "Cancellation of a discussion",
    Letter.UNINVITED: "Meeting taken out of the calendar of who is shut out",
    Letter.STEPPED: "New time for an answer",
    Letter.GUIDANCE: "How to refer, to the referrer",
    Letter.ACTION: "Action to an agency",
    Letter.RELEASE_REQUEST: "Question to an owner whether words may leave the hub",
    Letter.OVERRIDDEN: "“Shared without your agreement” to an owner",
    Letter.PRODUCT: "Information product",
    Letter.UNQUALIFIED: "Question how it was searched",
    Letter.MORE: "More information",
    Letter.RECALL: "Request to delete a packet",
    Letter.HAND_OVER: "“Do you take it on?”",
    Letter.OUTCOME_ASKED: "“What came of it?”",
    Letter.CHALLENGE_REPLY: "Reply to a challenge",
    Letter.ADDRESS: "Protected address",
    Letter.CORRECTED: "Correction of what a packet said",
    Letter.WORKER: "Who has the case open, to its agency",
    Letter.NEWS: "Reply or question to the referrer",
    Letter.LEAD: "“Your team is silent” to an agency’s lead",
    Letter.DIGEST: "All that a mailbox owes, once a day",
    Letter.ACTION_CHASER: "Second call about an action",
    Letter.RECORD: "Record of a discussion",
    Letter.DRILL: "Test with words to say back",
    Letter.KEY_WARNING: "“Your key ends soon”",
    Letter.KEY_CHANGED: "“A new key for your mailbox”",
    Letter.MAILBOX_MOVES: "“New contact details for your mailbox”",
    Letter.SAFELY: "How to answer safely, to a mailbox",
}
TRANSPORTS = {  # after "by"
    Transport.OPENPGP: "OpenPGP",
    Transport.OPENPGP_ATTACHMENT: "sealed attachment",
    Transport.SMIME: "S/MIME",
    Transport.TLS: "enforced TLS",
    Transport.PICKUP: "pick-up page",
}
WHYS = {  # why a transport, or all mail, cannot be used
    "no_key": "no key is pinned",
    "key_held": "the new key is proved, and comes into use after its day",
    "key_retired": "the key was retired or revoked, and no other is in use",
    "key_revoked": "the key is revoked",
    "key_disabled": "the key is disabled",
    "key_weak": "the key is too weak",
    "key_expired": "the key has expired",
    "key_cannot_encrypt": "the key is not for encryption",
    "key_not_yet_valid": "the certificate is not valid yet",
    "key_needs_sequoia": "the key is of version 6, to which GnuPG cannot seal",
    "no_smime": "the hub has no S/MIME certificate of its own",
    "key_other_address": "the key is for the mailbox’s address of before",
    "key_changed": "the key is not theirs any more",
    "not_listed": "the mailbox does not list it any more",
    "no_evidence": "nobody has checked the TLS of the domain",
    "evidence_over": "what was known of the domain’s TLS is over",
    "no_tls": "the server offers no verified TLS",
    "no_contact": "no contact for one-time codes",
    "no_sender": "this hub has nothing that sends one-time codes",
    "not_proved": "nobody there has shown that the mailbox is theirs",
    "authority": "the certificate is an authority’s",
    "other_purpose": "the certificate is not for mail",
    "no_transport": "no transport is listed",
    "another_mailbox": "that mailbox is not the agency’s any more, or may not have it: it goes to another",
    "too_many_answers": "this address has had all the automatic answers of its day",
}


ALIKE = (
    "Another mail came under the same number (its Message-ID) as this one, with other words. Both are kept. Ask the "
    "sender whether both were meant."
)
ELSEWHERE = "The agency’s key signed it, but it came from an address that is none of theirs:"
UNREAD = {  # what somebody wrote about a leg, by why a person must read it
    "report": "a mail system’s report, sent where answers go",
    "challenge": "a mail service holds a letter until somebody confirms it",
    "automatic": "an answer that a machine sent",
    "more_said": "an answer with more in it than counts unread",
    "receipt_failed": "their mail program says that it could not open the packet",
    "receipt_words": "a read receipt with somebody’s own words in it",
    "sent_again": "an answer that may have been written for another letter, and was sent again to this one",
}


def unproved(sender: str) -> str:
    """Of what came to the referrer's address, and nobody can tell by whom."""
    whom = f"It says that it is from {sender}. " if sender else "It names nobody as its sender. "
    return f"{whom}Not proved to be the referrer: ring them before you rely on it."


def not_theirs(sender: str, forged: str) -> str:
    """Of the mail that began a case, when nothing proves whose it is; `forged` where its own domain disowns it."""
    whom = (
        f"It says that it is from {sender}, and nothing proves that" if sender else "It does not say from whom it is"
    )
    if forged:
        whom = f"It says that it is from {sender}, and {forged} says that it did not send it"
        return (
            f"{whom}: nobody is asked until it is typed in, where what its form says stands already. "
            "Ring them now, on a number that you have already."
        )
    return f"{whom}: anybody may have sent it."


def mail(delivery: str, transport: str = "") -> str:
    """Where the mail that carries a letter stands, in words. Only over enforced TLS do we speak to their server
    ourselves: else it is theirs once a report says so."""
    if delivery == Delivery.ACCEPTED and transport == Transport.TLS:
        return TAKEN
    return _MAIL.get(delivery, delivery.replace("_", " "))


def news(news: News, transport: str) -> str:
    """What became known of a letter, in words; of its taking as `mail`."""
    return TAKEN if news is News.ACCEPTED and transport == Transport.TLS else NEWS[news]


def deputy(asked: str, delivery: str, transport: str = "", *, named: bool = False) -> str:
    """What became of asking a deputy: `asked` is when, in words, and counts only once the letter has left;
    `named` where the invitee has said that another comes."""
    if delivery in THERE and named:
        return f"Their deputy was sent the invitation, {asked}: {mail(delivery, transport)}"
    if delivery in THERE:
        return f"Their deputy was asked, {asked}: {mail(delivery, transport)}"
    if delivery in FAILED and named:
        return "They pass the invitation on themselves: no deputy of theirs could be sent one"
    if delivery in FAILED:
        return f"No deputy could be asked by mail: {mail(delivery)}"
    if delivery == Delivery.WITHDRAWN:
        return "Their deputy need not be asked any more"
    return f"Their deputy is to be asked: no letter has reached them yet ({mail(delivery)})"


def why(code: str) -> str:
    """Why a transport is passed over."""
    return WHYS.get(code, code.replace("_", " "))


def transport(name: str) -> str:
    """A transport by its name."""
    return TRANSPORTS[Transport(name)] if name in set(Transport) else name


def carried(by: str, passed: Iterable[PassedOver]) -> str:
    """`by sealed attachment; S/MIME passed over: the certificate has expired`; "" when nothing is to be told."""
    over = [f"{transport(one.transport)} passed over: {why(one.why)}" for one in passed]
    return "; ".join([*([f"by {transport(by)}"] if by else []), *over])
