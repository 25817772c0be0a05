"""Whether what stands beside an answer's word leaves it an answer, or takes it away again.

1. Behind "received" and "accept", in their own sentence, stand only words of which we know that they change nothing:
   a team mailbox's "Received by MASH inbox, case 17 created" begins like a person's answer (PFD 2016-0442).
2. In the sentences around it stands nothing that takes it back, says that nobody has looked yet, or is what a machine
   writes of any mail.
3. When unsure it is not plain: then a person reads it, and its clock runs on.
"""

from __future__ import annotations

import re

LONGEST = 4_000  # characters of a text that are looked at
MOST_NAMES = 5  # words with a capital in one sentence: who says it, and for which team

# Words of people who say that they have it, will act on it, and who does.
KNOWN = frozenset(
    re.findall(
        r"\S+",
        """
    i we it this that the a an our your my us me you all both her him them they she he their his and with for on in by
    to of from at as is are am was be been will have has had can i'll i'm i've we'll we're we've it's this'll
    thanks thank many ta cheers regards kind best yours dear colleagues team
    hand now today tonight tomorrow morning afternoon evening week first thing noon midday pm oclock o'clock
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec th st nd rd
    asap shortly soon immediately straight away urgently urgent priority
    referral packet message email e-mail mail letter case concern request papers paperwork information details
    child children family adult person girl boy baby sibling siblings brother sister mother father mum dad young
    safely safe noted ok okay well good yes confirm confirmed confirming confirmation
    look looking looked read reading review reviewing reviewed check checking checked deal dealing dealt act acting
    action actioning actioned start started starting begin beginning begun open opened opening work working progress
    progressing handle handling follow following up take taking taken pick picking picked lead leading responding
    visit visiting ring ringing call calling phone phoning speak speaking talk talking discuss discussing contact
    contacting reply replying respond answer answering get getting back let know see seeing do doing make making
    arrange arranging arranged allocate allocated allocating allocation assign assigned go going out over
    social worker sw health visitor nurse midwife doctor gp officer manager duty practitioner safeguarding teacher
    head sergeant constable inspector pc dc ds dsl police school education care housing probation named deputy
    senior assessment assess assessing enquiry enquiries section strategy joint home single early help support plan
    checks records agencies partners parents carer hospital ward clinic behalf colleague line here there personally
    myself one two three four five six seven eight nine ten attach attached nothing else
    diolch yn fawr iawn cofion gorau cynnes
    """,
    )
)
# No person has a mail because one of these has it.
NOBODY = frozenset(
    re.findall(
        r"\S+",
        """
    inbox mailbox system systems server portal queue database helpdesk desk website site form online bot robot
    reception receptionist admin administrator switchboard portal software workflow noreply generated automation
    ticket
    """,
    )
)
WORD = re.compile(r"[^\W\d_][\w'-]*|\d[\w:./-]*")
_SECONDS = re.compile(r"\b\d{1,2}:\d\d:\d\d\b")  # no person writes them
_FIELD = re.compile(r"\s*:\s*(?:\d|(?:mon|tue|wed|thu|fri|sat|sun)\w*\b|your\b|from\b|by\b|at\b|on\b)", re.IGNORECASE)

_TAKES_BACK = re.compile(
    r"\b(?:ignore|disregard|scrap|cancel|delete|strike|forget) (?:this|that|it|my|the|our) ?(?:last|first|previous"
    r"|above|earlier|e-?mail|mail|message|answer|reply|response)?\b"
    r"|\b(?:by|in) (?:mistake|error)\b|\bmy mistake\b|\bwrong (?:button|e-?mail|message|case|child|packet)\b"
    r"|\b(?:i|we) (?:only |really |actually |in fact )?meant\b|\bmeant (?:to|for)\b|\bcorrection\b"
    r"|\b(?:changed|change) (?:my|our) minds?\b"
    r"|\b(?:i|we|must|have to|need to|wish to|want to|will)\b[^.!?\n]{0,25}\b(?:withdraw|retract|rescind"
    r"|take (?:it |that )?back)|\bwithdrawing (?:this|that|my|our|it)\b|\bno longer (?:accept|stands?|applies|true)\b"
    r"|\(\s*test(?:ing)?\s*\)|\b(?:this is|just|only) (?:a )?test(?:ing)?\b|\btest(?:ing)? only\b"
    r"|^\W*test(?:ing)?\W*$"
    r"|\b(?:wait|hold on|scrap|no),? (?:that|not|no|actually|sorry)\b",
    re.IGNORECASE | re.MULTILINE,
)
_LOOKED = r"(?:seen|read|looked(?: at| into)?|opened|reviewed|triaged|screened|allocated|assigned|actioned|picked up)"
_NOT_LOOKED = re.compile(
    rf"\b(?:nobody|no[ -]?one|none of us|no (?:\w+ ){{1,3}}(?:has|have|is|will|can))\b[^.!?\n]{{0,40}}"
    rf"\b(?:{_LOOKED}|reads?|looks?|sees?|see|look|available|here|in|on duty|checks?|monitors?)\b"
    rf"|\b(?:not|\w+n't|hasnt|havent|never) (?:yet )?(?:been )?(?:yet )?{_LOOKED}(?: (?:it|this|that)\b| yet\b)"
    r"|\b(?:not|\w+n't|hasnt|havent|never) (?:yet )?(?:been )?(?:yet )?(?:read|opened|reviewed|triaged|screened"
    r"|allocated|actioned|picked up|looked)\b|\bnot yet (?:been )?seen\b"
    rf"|\b(?:will|to|shall|can) (?:not )?(?:then |now )?be {_LOOKED}\b|\b(?:yet|waiting|still) to be\b"
    rf"|\b(?:yet|still|waiting|going|due|need) to (?:read|open|look|see|review|triage|allocate)\b"
    r"|\b(?:awaiting|pending) (?:a |an )?(?:triage|review|allocation|screening|assessment|decision|approval)\b"
    r"|\b(?:am|is|are|be|currently|now) (?:off sick|off work|off today|away|on (?:annual |sick |study )?leave)\b"
    r"|\bon (?:annual|sick|study|maternity|paternity|adoption|compassionate) leave\b|\boff sick\b|\bun(?:manned"
    r"|staffed|monitored|attended)\b|\bnot (?:manned|staffed|monitored|attended|checked)\b",
    re.IGNORECASE,
)
_BY_A_MACHINE = re.compile(
    r"\b(?:computer|system|auto\w*|machine)[- ](?:generated|produced|sent|message|response|reply|receipt"
    r"|confirmation)"
    r"|\bgenerated (?:message|e-?mail|response|reply|receipt|notification|by|from|on)\b"
    r"|\b(?:delivery|read|automatic|auto) (?:receipt|confirmation|notification)\b"
    r"|\b(?:your|the|this) (?:referral|e-?mail|message|request|enquiry|contact|concern|form|submission|case)\b"
    r"[^.!?\n]{0,20} (?:has|have|was|is|will) (?:now )?(?:been |be )?(?:successfully )?(?:logged|registered|recorded"
    r"|created|queued|added|submitted|processed|entered|placed|forwarded|passed|saved|stored|delivered|received)\b"
    r"|\b(?:logged|registered|recorded|filed|saved|created|queued) (?:as|under|with|on|in|into)\b"
    r"|\b(?:it|this) (?:has|have|was|is|will) (?:now )?(?:been |be )?(?:passed|forwarded|sent|routed|added|logged"
    r"|placed|put|queued) (?:to|on|onto|in|into|for|through)\b|\bis important to us\b"
    r"|\bref(?:erence)?\b[^.!?\n]{0,30} (?:created|opened|logged|raised|generated)\b"
    r"|\b(?:case|ticket|job|call|record|enquiry|incident|item|task)\W{0,3}(?:number |no\.? ?|id |ref(?:erence)? )?"
    r"(?:[A-Z]{0,6}-?\d{3,}|\#\S+)|\b[A-Z]{2,6}-?\d{3,} (?:has been |was |is )?(?:created|opened|logged|raised)\b"
    r"|\b(?:we|our team|the team|staff) (?:aim|endeavou?r|try|hope|strive|normally|usually|will normally) \b"
    r"|\b(?:a|one|another) (?:member|colleague) (?:of|from) (?:the|our|my|this)\b|\ba colleague will\b"
    r"|\b(?:within (?:the next )?\w+(?:[- ]\w+)? (?:working |business )?|in \w+ (?:working|business) )"
    r"(?:hours?|days?|weeks?)\b"
    r"|\b(?:all|any|new|most|every|each|referrals|e-?mails|messages|requests|enquiries) (?:\w+ )?"
    r"(?:are|is|will be|must be|should be|received|sent)\b[^.!?\n]{0,40}\b(?:dealt|read|looked|reviewed|processed"
    r"|answered|triaged|order|hours|days|monday|priorit\w+|monitored|checked|made|sent|form)\b"
    r"|\bin the order\b|\bposition in (?:the|our) queue\b|\bin (?:the|our|a) queue\b"
    r"|\bif (?:you have not|you haven't|you do not|you don't|it is|this is|your|a child)\b",
    re.IGNORECASE,
)
_ANY_DAY = re.compile(r"\b(?:referrals|all|only|new|requests|enquiries|e-?mails|messages)\b", re.IGNORECASE)
_NOT_DONE = re.compile(  # of a search that found nothing
    r"\b(?:yet|still|so far|thus far|pending|awaiting|waiting|searching|in progress|to follow|not finished|incomplete"
    r"|partial(?:ly)?|but|however|although|except|apart from)\b",
    re.IGNORECASE,
)


def takes_nothing_back(own: str) -> bool:
    """Whether no words of a text take back what another of them says."""
    return not _TAKES_BACK.search(own[:LONGEST])


def is_in_hand(own: str) -> bool:
    """Whether a text says neither that nobody has looked yet, nor what a machine says of any mail."""
    told = own[:LONGEST]
    return not (_NOT_LOOKED.search(told) or _BY_A_MACHINE.search(told) or _SECONDS.search(told))


def is_whole_search(rest: str) -> bool:
    """Whether a search is over of which this is the rest of the sentence that says nothing was found."""
    return not _NOT_DONE.search(rest)


def changes_nothing(rest: str) -> bool:
    """Whether what follows "received" or "accept" in its sentence is of known words, numbers and a few names."""
    if _FIELD.match(rest) or _ANY_DAY.search(rest) or _SECONDS.search(rest):
        return False
    shouted = rest.isupper()
    names = 0
    for word in WORD.findall(rest):
        lower = word.lower().strip("'-")
        if lower in KNOWN or word[0].isdigit():
            continue
        if lower in NOBODY or shouted or not word[0].isupper():
            return False
        names += 1
    return names <= MOST_NAMES
