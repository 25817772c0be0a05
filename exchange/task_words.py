"""The words for what the desk is asked to do, by kind of task."""

from __future__ import annotations

TASKS = {
    "first_look": "Read it and rate it",
    "no_automatic_receipt": "Ring the sender: no automatic receipt went out, for nothing proves whose mail it is, "
    "or because no mail may go there",
    "tell_how": "Ring the sender and tell them how to refer: no letter can go to them",
    "telephone_agency": "Ring the agency: mail will not get through",
    "silent_agency": "Ring the agency: no answer in time",
    "manager": "Hub manager: an agency is silent",
    "lead_unreached": "Ring the agency’s safeguarding lead: no letter has reached them",
    "duty": "Ring the duty team: handed over only when a named person there accepts",
    "return_note": "Get the duty team’s note, and record it",
    "no_deputy": "Ring the agency’s lead, or its team: no deputy can be reached by mail, or the deputy cannot come",
    "cannot_open": "Ring the agency: they cannot open the packet",
    "wrong_person": "Ring the agency: the packet reached the wrong person",
    "unclear_answer": "Read an answer that is unclear or unproved",
    "told_late": "Read what an agency tells after the decision: does it stand? Decide anew where it does not",
    "declined": "An agency declined: ask another, give more, or decide",
    "silent_invitee": "Ring an invitee who has not said whether they come",
    "attendance_claimed": "A reply to an invitation that nothing proves, or to an earlier time: ask, then confirm it",
    "words_with_reply": "Read what somebody wrote with their reply to an invitation: it stands with the discussion",
    "other_time": "An invitee proposes another time: move the discussion, or tell them that it stays",
    "no_quorum": "A discussion cannot reach its quorum: call somebody else, or another time",
    "no_place": "Say where the discussion takes place: those invited have been told that the hub will",
    "not_held": "A discussion should have been held by now: hold it and record it, or cancel it",
    "full_discussion": "Hold the full discussion that must follow one without its quorum",
    "letter_failed": "A letter could not be sent: ring",
    "tell_referrer": "Tell the referrer what came of it: no letter reaches them",
    "decide": "Decide: the time is over",
    "disputed": "The referrer says the outcome does not answer the concern",
    "test_reply": "A reply to our test is not its words: read it, ring, and help them to open what we send",
    "key_reply": "A reply to our letter about a key: a file in it goes to whoever keeps the keys, who rings",
    "holding_pen": "A mail that belongs to no case we can tell",
    "mail_waits": "A mail in the holding pen may be about this case: read it there, and say what it is",
    "report_astray": "A mail system reports on a letter, and we cannot tell on which: it may have come back",
    "shelved": "A mail that could not be read",
    "mail_away": "The shared mailbox cannot be read: mail may wait there. Look into it yourself, and tell IT",
    "scanner_away": "The malware scanner does not answer: tell IT. Files in mail stay shut until it does",
    "disk_low": "The disk is nearly full, and soon no mail can be taken: tell IT today",
    "disk_full": "The disk is full, and mail is put off until there is room: ring IT now. The web form still works",
    "not_fetched": "A mail in the shared mailbox could not be taken: read it there, and enter it by hand",
    "transcribe": "Type it in as a referral: nobody has been asked yet",
    "confirm": "Compare what was read from a form with the form, and confirm it",
    "password": "A file is locked, and nobody can read it: ring whoever sent it, and ask for the password",
    "question": "Ring the referrer: ask what stands as a question to them, and write down what they say",
    "approve_question": "Somebody else must read what the referrer is asked",
    "scan": "The malware scanner does not answer: tell IT. A file of this case waits and stays shut; when it cannot "
    "wait, ring whoever sent it",
    "infected": "The malware scanner found something in a file of this case: it stays shut. Ring whoever sent it: "
    "tell them, and ask what is in it",
    "owner_silent": "Ring the owner: no answer whether its words may leave the hub",
    "owner_refused": "An owner refuses: leave its part out, or override with reasons",
    "late_refusal": "Ring at once: an owner refuses what has already gone out",
    "agreement": "No information-sharing agreement in force: tell the board; share all the same",
    "no_route": "No rule says whom to ask about this person",
    "elsewhere": "Ring the other area: it is ours until a named person there has accepted it",
    "refusal": "An adult with capacity refuses: respect it, and ask back what agencies have about them (recall); or "
    "record on which ground not",
    "second_review": "Borderline: a second person must look before anybody decides",
    "follow_up": "Look again, as was decided",
    "milestone": "Past its time: has it been done?",
    "action": "An action is due: do it, or ring whoever is to do it",
    "hand_over": "Decided: hand over to the agency that is to act, or say done when it is the hub’s own",
    "decided_anew": "Ring: the agency has somebody under a decision that holds no more. Tell it what holds now",
    "not_taken_on": "Ring the agency: do they take it on? It is yours until they accept",
    "outcome_overdue": "Ring the agency: what came of it?",
    "ring_referrer": "Ring the referrer to tell them: read first when and how it is safe",
    "approve_feedback": "Somebody else must read what is written to the referrer",
    "review_feedback": "Look again: may the referrer be told now?",
    "challenged": "Somebody disagrees: reply",
    "protected": "An address that must be secret now was told to an agency: ring them",
    "conflict": "Conflict of interest at an agency: choose another recipient now",
    "unconfirmed_recall": "Ring the agency: it has not said that it deleted what was recalled",
    "holds_more": "Ring the agency: beside the packet that was asked back it has a product or a record about them. "
    "Say what is to become of it",
    "put_right": "Ring the agency: a product, record or papers that it has hold an answer that was put right since. "
    "Tell it what is right",
    "shut_out_holds": "An agency that must not see this has been written to: recall it",
    "another_recipient": "An agency must not be asked: choose another in its place",
    "keep_from": "Somebody may have to be kept from this, as the referrer says or as in an earlier case of the same "
    "people: settle whom; nobody is asked until then",
    "restricted_attempt": "Somebody who is shut out tried to see or change this case",
    "record": "The record of a discussion is owed: write it, approve it, or tell who has not got it",
    "cannot_do": "An agency cannot do its action: choose another, or ring",
    "needs_longer": "An agency needs longer for its action: agree a new time, or ring",
    "in_error": "Ring the agency: its packet names somebody who should not be in this case",
    "employer": "Somebody in a position of trust: shut out the agency they work for, the referrer’s too; or say done",
    "stepped_down": "A mailbox is not reached as its list begins: renew its key, certificate, check or contact",
    "tls_fails": "Ring: their mail server does not offer the verified TLS that was agreed, and nothing goes there",
    "not_secure": "Ring: their mail servers do not prove verified TLS any more; then check the domain again",
    "other_servers": "Ring: their domain names mail servers that nobody here accepted, and nothing goes to those",
    "codes_fail": "No one-time code can be sent, so no letter can be fetched: ring with what waits, mend the gateway",
    "codes": "Ring: too many one-time codes were asked for; somebody cannot get in, or should not",
    "key_change": "Ring the number you had before: do they know that their key is to change? Say so in the directory",
    "hub_file": "A change of whom we write to waits for a second person: look at it, then apply or withdraw it",
    "mailbox_moves": "Ring the number you had before: do they know that their mailbox is to be reached otherwise?",
    "dispose": "The record has been kept as long as it may be: dispose of it, or hold it",
    "drill_failed": "Ring: nobody there has shown that they can open what we send",
    "not_proved": "Ring the number you had before: have the three words of our test read out. Until then no packet "
    "goes there",
    "go_live": "Some mailboxes have never had the key that they are to be written to with: see the directory, and "
    "ask each agency for its key",
    "key_ends": "A mailbox’s key ends soon: ask for a new one",
    "one_key_ends": "One of a mailbox’s several keys ends soon, or has ended: ask whoever holds it for a new one, or "
    "retire it",
    "signature_ends": "The certificate with which a mailbox’s people sign ends soon, or has ended: ask for a new "
    "one. After its end their answers prove nothing",
    "key_unusable": "Ring: a mailbox’s key cannot be used any more",
}

TOLD_SINCE = "Somebody told more since it was read: read that"
KEPT_FROM_YOU = "a health navigator or a deciding manager; it is kept from you until its owner releases it"
OF_NO_LEAD = {  # where the agency has no safeguarding lead in the directory: its team is rung
    "no_deputy": "Ring the agency’s team: no deputy can be reached by mail, or the deputy cannot come, and it has no "
    "lead",
    "lead_unreached": "Ring the agency’s team: it has no safeguarding lead who could be told. Add one to the "
    "directory",
}

BY_THEMSELVES = frozenset(
    {
        "first_look",
        "decide",
        "no_route",
        "mail_waits",
        "transcribe",
        "elsewhere",
        "refusal",
        "second_review",
        "milestone",
        "action",
    }
    | {"agreement", "owner_silent", "owner_refused", "declined", "keep_from", "dispose", "key_change"}
    | {"not_taken_on", "outcome_overdue", "ring_referrer", "approve_feedback", "review_feedback", "challenged"}
    | {"tell_referrer", "duty", "return_note", "record", "no_quorum", "not_held", "full_discussion", "no_place"}
    | {
        "key_ends",
        "key_unusable",
        "signature_ends",
        "one_key_ends",
        "stepped_down",
        "tls_fails",
        "not_secure",
        "mail_away",
        "scanner_away",
        "disk_low",
        "disk_full",
        "other_servers",
    }
    | {"mailbox_moves", "codes_fail", "confirm", "hub_file", "not_proved", "go_live"}
)  # ends by doing what is asked, never by saying that it is done: silence would be quiet again
