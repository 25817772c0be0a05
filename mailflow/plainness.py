"""Whether what stands beside an answer's word leaves it an answer, or takes it away again.

1. "Received" and "accept" count when every clause beside them is one that is known to change nothing: thanks, that
   they have read it or have it in hand, what somebody there does about it, and a person's name with what stands below
   a name. A team mailbox's "Received by MASH inbox, case 17 created" begins like a person's answer (PFD 2016-0442),
   and nobody can list all that machines and absent people write: what is not known here, a person reads.
   So does "not known": nobody reads a search that found nothing, and what is told beside it would be lost.
2. So do the other answers where the mail came in clear: only a mail system vouches then that its agency wrote it.
   What is told in clear ("INFORMATION: ...") is always read first.
3. In the other answers nothing takes back what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from mailflow.labels import is_labelled, own_reference, tells

LONGEST = 4_000  # characters of a text that are looked at
MOST_NAMES = 4  # words of a name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ANSWERS = _words("received recieved rec'd recvd rcvd acknowledged derbyniwyd accept accpet accepted accepting")
_OTHER_WORDS = re.compile(r"\b(?:acknowledged?|derbyniwyd)\b", re.IGNORECASE)
_ANSWERED = _words(
    """
    i we i've we've have do can it this that them both all the packet letter papers paperwork now today safely
    personally already just also too one is confirm morning afternoon evening
    """
)
_TAKEN_ON = _words("referral case concern child children family")  # "received your referral" says any form letter
# Who says what they do says it of themselves, or a colleague is named. No day but today stands here, for an absence
# names one too; no "you" but from an "I", for a form letter speaks to it; and not what will be read: it has not been.
_SELVES = _words("i we i'm i've i'll we're we've we'll")
_DOING = _words(
    """
    read reading seen looked looking reviewed reviewing opened started starting begun checked checking dealing acting
    actioned actioning working handling taking taken took ringing rung rang calling called phoning phoned
    speaking spoken spoke discussing arranging arranged allocated allocating assigned
    """
)
_ALSO_BY_MACHINES = _words("seen reviewed opened checked actioned allocated assigned")  # where they say not by whom
_WILL = _words("will shall i'll we'll")
_WILL_DO = _words(
    "deal act action ring call phone visit speak talk discuss arrange go do take lead start follow make"
)
_TIMED = _WILL_DO | _words("ringing calling phoning speaking")
_BESIDE = _words(
    """
    it this that the an a our her his him them she he they me us both all with on in into to at as by and am are is
    was have has had been now today tonight morning afternoon evening straight away immediately urgently safely
    personally already just also over up out well
    hand packet letter paperwork papers referral case concern child children family baby girl boy sibling siblings
    brother sister mother father mum dad parents carer school nursery hospital ward police
    single joint visit strategy discussion section enquiry assessment checks action
    """
)
_TIMES = _words("one two three four five six seven eight nine ten eleven twelve half past noon midday pm o'clock")
_RANKS = _words("mr mrs ms miss dr prof rev sgt sarjant ps pc dc ds di dci insp constable inspector detective sister")
_ROLES = _words(
    """
    social worker duty senior lead named designated deputy assistant principal head headteacher teacher doctor nurse
    midwife health visitor practitioner officer manager sergeant constable inspector detective safeguarding dsl gp
    sw paediatrician consultant psychologist coordinator co-ordinator navigator adviser advisor youth justice
    administrator secretary probation housing family support early help children's adults education care mental she
    her he him they them
    """
)
_OF_NAMES = _words("de van der von al ap ab bin ibn")
# What stands where a name would and is no person's: no person has a mail because one of these has it.
_TEAMS = _words(
    """
    intake front door team teams hub mash maru unit desk service services administration office reception
    receptionist business centre center contact customer enquiries public protection children childrens children's
    adult adults social care health police constabulary trust nhs council department directorate access point first
    tîm diogelu ddiogelu cyngor gwasanaethau plant oedolion uned heddlu bwrdd iechyd camhs edt lado cru
    response control room visiting practice surgery school academy college high primary nursery hospital clinic
    house station lodge lane cottage grove street park view close bank court ward wing hall manor road avenue
    partners maternity drs ysgol meddygfa cynllun dechrau and of for the
    """
)
_NEVER = _words(
    """
    admin referral referrals triage screening tray queue inbox mailbox mail email e-mail message
    messages system systems server gateway portal database helpdesk website site form forms online bot robot
    switchboard software workflow noreply no-reply generated automation automatic automated auto notification
    notifications delivery receipt reply ticket case number reference ref info
    away out off gone back closed open holiday holidays leave abroad annual paternity sick ill absent cover
    covering unavailable retired vacation pto lunch part time working non day days hours weekdays weekends
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    january february march april may june july august september october november december
    attached attachment attachments blank empty nothing nobody corrupted garbled unreadable encrypted
    see read forwarding voicemail hello world terms conditions apply yes ok merci danke gracias vacances
    unallocated unassigned unattended provisional duplicate acknowledgement sandbox firewall sabbatical tomorrow today
    half term closure christmas easter jury court priority level security standard service terms
    confirmed pending queued logged processed forwarded archived unread waiting stored saved filed recorded registered
    passed sent delivered scanned printed noted done new urgent important confidential official sensitive external
    internal
    an a your our my this that it we i you here there no not none never please do if when while until unless but
    however thank thanks from to by with on at in as is are was has have will would can could automatisch abwesend
    """
)
_NO_NAMES = (
    _NEVER | _TEAMS | _ROLES | _RANKS | _SELVES | _DOING | _BESIDE | _WILL | _WILL_DO | _ANSWERS | _TIMES | _OF_NAMES
)
_ADDS_NOTHING = re.compile(
    r"(?:hi|hello|dear|helo|bore da|prynhawn da|(?:good )?(?:morning|afternoon|evening))"
    r"(?: (?:all|both|there|colleagues?|team|hub|sir or madam)| (?-i:[A-Z])[\w'-]+){0,3}"
    r"|yes|ok|okay|sorry|unfortunately|understood|agreed|all good|no problem|of course|will do"
    r"|(?:with )?(?:(?:kind|best|warm|many|kindest) )?(?:regards|wishes)|best"
    r"|yours(?: (?:sincerely|faithfully|truly))?"
    r"|(?:(?:it is|it's|this is) )?(?:now )?(?:in hand|with (?:me|us)(?: now)?)"
    r"|(?:i |we )?(?:can )?confirm(?:ing)? (?:safe )?receipt(?: of (?:this|it|the packet))?"
    r"|(?:she|he|they)/(?:her|him|them)(?:/\w+)?"
    r"|please consider the environment before printing(?: this (?:e-?)?mail)?",
    re.IGNORECASE,
)
_HAS_IT = re.compile(
    r"(?:(?:i am|i'm|we are|we're) )?(?:now |straight )?on (?:to )?it(?: now)?"
    r"|(?:(?:i|we)(?: now)? )?(?:(?:i|we)'ve|have)(?: got)?(?: now)?"
    r" (?:it|this|that|the packet)(?: now)?(?: in hand)?",
    re.IGNORECASE,
)
_BELOW_A_NAME = re.compile(
    r"(?:(?:(?:tel|telephone|t|m|mob|mobile|phone|p|d|direct|ext|fax|f|office|e|email|e-mail|mail|w|web)\b[.:]* *)?"
    r"(?:[+(\d][\d()/-]*(?: [\d()/-]+)*|[^\s@.]+[@.]\S+|[A-Z]{1,2}\d\w? \d[A-Z]{2}) *)+",
    re.IGNORECASE,
)
_TAKES_ON = frozenset({"received", "accept"})
SENDS_ELSEWHERE = frozenset({"nothing_known", "decline", "wrong_agency"})  # "try housing" may stand beside it
_HEARD = frozenset({"cannot_open", "wrong_person"})
_DAYS = re.compile(r"(?:my )?working (?:days|pattern|hours)\b", re.IGNORECASE)
# The words of the other answers, and of their reasons, when nothing more is said.
_THEM = _words(
    """
    he she they him her them it this that these the our my any either both all i we us me you here is are it's have
    has child children family families household sibling siblings mother father parent parents person people adult
    adults patient patients pupil pupils name names subject subjects system systems record records of on in at to by
    with for about now today
    """
)
_NOTHING = _THEM | _words(
    """
    nothing not no nil return unknown information known held found recorded trace file from
    """
)
_ALONE = {
    "nothing_known": _NOTHING,
    "wrong_agency": _NOTHING | _words("wrong agency service organisation organization authority"),
    "decline": _THEM
    | _words(
        """
        decline declined declining must will as because since due reason not within area remit patch out outside wrong
        no capacity staff week present moment there enough insufficient information more detail needed need a an
        conflict interest already open case working known unknown
        """
    ),
    "deleted": _THEM
    | _words(
        """
        deletion confirmed deleted confirm can i've we've as every your copy copies packet letter papers
        """
    ),
}
_AS_ASKED = re.compile(r"(?:declined?|wrong agency|deletion confirmed|deleted)\b", re.IGNORECASE)
_NOT_KNOWN = re.compile(r"\b(?:not|nothing) known\b|\bunknown\b", re.IGNORECASE)
_TRY = re.compile(r"(?:please )?(?:try|ask)(?: [\w'-]+){1,8}", re.IGNORECASE)
_SEARCH = re.compile(
    r"\b(?:(?:i|we)(?: have|'?ve)? )?(?:searched|checked|looked (?:at|in|on|through))\b[^.;!?()]*", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"[\n;!()\[\]|<>“”\"*_]+|(?<! [A-Z])[.,](?=\s|$)|(?<=decline):|(?<=declined):|(?<=wrong agency):?(?= |$)"
    r"|(?:(?<=received)|(?<=accept)|(?<=accepted))(?::| (?=(?-i:[A-Z][a-z])))|\s[-–—/]+\s|[–—]"
    r"|\s(?:and|so|then|&|on behalf of|pp)\s|^and\s"
    r"|\b(?:with |many |very )*(?:thank you|thanks|thx|ta|cheers|diolch)\b"
    r"(?: yn fawr| very much| indeed| all| both| again)?(?: for (?:this|that|it|letting us know|sending (?:this|it))"
    r"\b)?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_][\w'-]*|\d[\w:.]*")
_OPENED = re.compile(
    r"(?:(?:yes|ok|okay|all|hi)\b ?)*(?:(?:accept|accepted|received)(?= (?:i|we)\b))?", re.IGNORECASE
)
_STAMP = re.compile(r"\d:\d\d:\d\d")  # no person writes the seconds
_TIME = re.compile(r"\d{1,2}(?:[:.]\d\d)?(?:am|pm)?", re.IGNORECASE)
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
_OF_MACHINES = re.compile(
    r"\b(?:mail ?box|inbox|quota|delivery|undeliver\w*|auto-?(?:reply|mat\w+|generated)|generated|bot"
    r"|(?:un-?)?monitored|(?:standard|default|template) (?:reply|response|message|text)"
    r"|attachment (?:type|size)|(?:not|no longer) (?:allowed|permitted)|blocked|rejected|spam|virus|by policy"
    r"|out of (?:the )?office|(?:i am|i'm) (?:away|off|on (?:\w+ )?leave)|annual leave)\b",
    re.IGNORECASE,
)
# What no person begins with who tells something, declines, or found nothing: it is of any mail, and of no child.
_OF_ANY_MAIL = re.compile(
    r"\b(?:mail ?box|inbox|opening hours|tickets?|queued?|automat\w+ \w+|no longer in use|not in use|portal|gateway"
    r"|helpdesk|(?:new|this) (?:e-?mail )?address|(?:online|web) form|sender|recipient|message id|allow ?list"
    r"|mail security|certificate for|the certificate|too large|resend|register first|has (?:moved|closed)|rule \d+"
    r"|your (?:message|e-?mail|call|enquiry|request)|(?:within|in) \w+ (?:working )?(?:hours|days)|user \w*\d"
    r"|(?:is|are|be) closed|i work (?:mon|tue|wed|thu|fri)\w*|for absences|press \d|ring 111|calendar month"
    r"|(?:at|in) this domain|n'existe plus)\b",
    re.IGNORECASE,
)
BEGINNING = 240  # characters in which a machine has said what it is
_NOT_DONE = re.compile(  # of a search that found nothing
    r"\b(?:yet|still|so far|thus far|pending|awaiting|waiting|searching|in progress|to follow|not finished|incomplete"
    r"|partial(?:ly)?|but|however|although|except|apart from)\b",
    re.IGNORECASE,
)


def takes_nothing_back(own: str) -> bool:
    """Whether no words of a text take back what another of them says."""
    return not _TAKES_BACK.search(own[:LONGEST])


def names_a_machine(own: str) -> bool:
    """Whether a text has words that only a machine writes, or somebody who is away, with a decline or with a search
    that found nothing."""
    return bool(_OF_MACHINES.search(own[:LONGEST])) or is_of_any_mail(own)


def is_of_any_mail(own: str) -> bool:
    """Whether a text begins with what is said of any mail."""
    return bool(_OF_ANY_MAIL.search(own[:BEGINNING]))


def is_whole_search(rest: str) -> bool:
    """Whether a search is over of which this is the rest of the sentence that says nothing was found."""
    return not _NOT_DONE.search(rest)


def stands_alone(answer: str, own: str, writer: str = "") -> bool:
    """Whether an answer that came in clear says no more than what it says, and so counts before a person has read it.
    That they cannot open it, or are the wrong person, is heard whoever says it: somebody rings."""
    if answer == "nothing_known" and not _NOT_KNOWN.search(own):
        return False  # "no record found" says any search form
    return answer in _HEARD or ((answer in _ALONE or answer in _TAKES_ON) and says_no_more(own, writer, answer))


def says_no_more(own: str, writer: str = "", answer: str = "received") -> bool:
    """Whether a text says no more than its answer: every clause of it is known. `writer` is what From says, in which
    a first name that stands below the answer may be found."""
    if "?" in own or len(own) > LONGEST:
        return False
    named, somebody = frozenset(word.lower() for word in _WORD.findall(writer)) - _NO_NAMES, False
    for clause in _clauses(answer, own):
        if _HAS_IT.fullmatch(clause) or _does(clause) or _is_name(clause, named):
            somebody = True
        elif not (_says(answer, clause) or (somebody and _signs(clause))):
            return False
    return somebody or not _is_doubted(answer, own)


def _is_doubted(answer: str, own: str) -> bool:
    """Whether it counts only where somebody is named, or says what they do: with a reference, for which our letters
    ask, and in other words than theirs. A ticket system writes those too."""
    if answer in _TAKES_ON:
        return bool(own_reference(own) or _OTHER_WORDS.search(own))
    return answer != "nothing_known" and not _AS_ASKED.match(own.strip(' \t\r\n*_."“”'))


def _clauses(answer: str, own: str) -> Iterator[str]:
    """Those that say something; how a search was done is said in any words."""
    for line in own.replace("’", "'").splitlines():
        searched = answer == "nothing_known"
        if own_reference(line) or (searched and is_labelled(line)):
            continue
        for clause in map(str.strip, _CLAUSE.split(_SEARCH.sub(_told_beside, line) if searched else line)):
            if _WORD.search(clause) and not _ADDS_NOTHING.fullmatch(clause):
                yield clause


def _told_beside(search: re.Match[str]) -> str:
    """What somebody tells in the words of how they searched; "" when they tell nothing."""
    return search[0] if tells(search[0]) else ""


def _answers(clause: str) -> bool:
    words = {word.lower() for word in _WORD.findall(_opened(clause))}
    known = _ANSWERS | _ANSWERED | (_TAKEN_ON if any(word.startswith("accept") for word in words) else frozenset())
    return bool(words & _ANSWERS) and words <= known


def _says(answer: str, clause: str) -> bool:
    """A clause of the answer itself, or of its reason."""
    if answer in _TAKES_ON:
        return _answers(clause)
    words = {word.lower() for word in _WORD.findall(clause)}
    if answer in SENDS_ELSEWHERE and (_TRY.fullmatch(clause) or _BELOW_A_NAME.fullmatch(clause)):
        return not words & _NEVER
    if answer == "nothing_known":
        return all(word.lower() in _NOTHING or _of_a_team(word) for word in _WORD.findall(clause))
    return words <= _ALONE[answer]


def _does(clause: str) -> bool:
    """What they do about it themselves: "I have read it", "will ring the school by three"."""
    words = _WORD.findall(_opened(clause))
    plain = [word.lower() for word in words]
    timed = [word for word in plain if word in _TIMES or _TIME.fullmatch(word)]
    rest = {word for word in plain if word not in timed}
    acts = _WILL_DO if rest & _WILL else _DOING
    begins = bool(plain) and plain[0] in _SELVES | _WILL | {"am"} | acts - _ALSO_BY_MACHINES
    still_to = any(a == "to" and b in _DOING | _WILL_DO for a, b in pairwise(plain))
    if not begins or still_to or not rest & acts or (timed and not rest & _TIMED):
        return False
    return rest <= acts | _SELVES | _WILL | _BESIDE | ({"you"} if plain[0] in ("i", "i'll") else set())


def _is_name(clause: str, writer: frozenset[str]) -> bool:
    """Whether this is a person's name, with a rank or role before or behind it: two words, or one behind a rank or
    that stands in From too. One word with a capital alone may be anything."""
    words = _WORD.findall(clause)
    initials = [word for word in words if len(word) == 1 and word.isupper()]
    ranked = bool({word.lower() for word in words} & _RANKS)
    names = [
        word for word in words
        if word.lower() not in _NO_NAMES
        and ((word[0].isupper() and (ranked or not word.isupper())) or word.lower() in writer)
    ]  # fmt: skip
    others = {word.lower() for word in words if word not in names and word not in initials}
    if ranked:
        others = {word for word in others if not word.isdigit()}  # a collar number
    known = ranked or len(names) + len(initials) > 1 or {name.lower() for name in names} & writer
    return bool(names and known) and len(names) <= MOST_NAMES and others <= _RANKS | _ROLES | _OF_NAMES


def _signs(clause: str) -> bool:
    """What stands below a name: a role, a team, where and on which days they are found."""
    if _BELOW_A_NAME.fullmatch(clause) or _DAYS.match(clause):
        return True
    said = _WORD.findall(clause)
    return not _STAMP.search(clause) and all(
        (_of_a_team(word) and word.lower() not in _DOING) or word[0].isdigit() for word in said
    )


def _of_a_team(word: str) -> bool:
    return word.lower() in _ROLES | _RANKS | _TEAMS or (word[0].isupper() and word.lower() not in _NEVER)


def _opened(clause: str) -> str:
    begun = _OPENED.match(clause)
    return clause[begun.end() :] if begun else clause
