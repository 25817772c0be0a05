"""A word of ours with something beside it that takes it away is no answer; a person's plain answer stays one."""

from __future__ import annotations

import pytest

from mailflow.words import read_answer

WRITER = "Jo Ann Sarah Nia ada"  # what From says


@pytest.mark.parametrize(
    "said",
    [
        "Received by MASH inbox 27/11/2026 09:12:44. Case CAS-001 created.",
        "Received with thanks. A member of the team will be in touch within 48 hours.",
        "RECEIVED - we aim to look at all referrals within 24 hours",
        "We accept referrals between 9 and 5, Monday to Friday.",
        "We accept referrals by our online form only: https://agency.example/form",
        "Received: Fri 27 Nov 2026 09:12. Logged as CAS-1234567.",
        "Accepted: your referral has been logged.",
        "Received. This is a generated message.",
        "RECEIVED BY THE SYSTEM",
        "Received into our queue",
        "Received at 09:12. Your referral is in our queue and a worker will contact you.",
        "Received\nReference 12345 created",
        "Received. We will respond in 3 working days",
        "Received. Thank you for your referral. It has been passed to the duty team.",
        "Received your email. Your call is important to us",
        "Received 27/11/2026 09:12 by Northshire Contact Centre Portal",
    ],
)
def test_what_a_machine_writes_of_any_mail_is_no_answer(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Received this morning by reception, no social worker has seen it yet.",
        "Received. Nobody will look at this until Monday.",
        "Received - on annual leave till 4th",
        "Received\n\nMASH duty inbox (unmanned out of hours)",
        "I am currently off sick. Your email will not be read. Received.",
        "Received, not yet read",
        "Received. Will be triaged tomorrow.",
        "Received, awaiting allocation",
        "Received and placed in the duty tray for Monday",
        "We accept in principle pending capacity.",
        "Accepted subject to manager approval",
        "I accept your meeting invitation.",
        "Nothing known to us yet, still searching.",
    ],
)
def test_what_nobody_has_looked_at_is_in_nobodys_hands(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "RECEIVED\n\nPlease ignore, sent by mistake.",
        "I accepted this yesterday but must now withdraw.",
        "Accept. Sorry, I meant decline.",
        "Declined. Actually ignore that, accepted.",
        "Decline. Wrong child, we must take that back.",
        "Not known to us. Correction: he is known, sorry!",
        "Cant open it. Accept.",
        "Received. I dont accept it",
        "Accept (test)",
        "Accept. Testing only",
    ],
)
def test_what_takes_the_answer_back_leaves_none(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("RECEIVED - Jo Bloggs, duty social worker", "received"),
        ("Received, looking at it now.", "received"),
        ("OK received", "received"),
        ("Yes, we accept", "accept"),
        ("Yes accept", "accept"),
        ("Rec'd, on it. Nia", "received"),
        ("Acknowledged. Sgt Ada Made-Up", "received"),
        ("I have read this and have it in hand", "received"),
        ("I confirm receipt and will deal with it today", "received"),
        ("Hi, received. I will ring you this afternoon. Ada", "received"),
        ("Received thank you, I have this in hand.", "received"),
        ("Received\nOur ref: 2026/0042\nAnn Lee", "received"),
        ("Derbyniwyd, diolch. Nia", "received"),
        ("Yes", "unclear"),
        ("OK received by the portal", "unclear"),
        ("Received\n\nAnn Lee\nDesignated nurse\nNorthmoor NHS Trust\nTel 01632 960111", "received"),
        ("RECEIVED. I have read it and will ring the school this morning.", "received"),
        ("Thanks, received. I'm dealing with it.", "received"),
        ("I have received this and am reading it now", "received"),
        ("Accept - we will visit today", "accept"),
        ("ACCEPT we will do a joint visit this afternoon with police", "accept"),
        ("Not known to us. We searched both systems by name and date of birth.", "nothing_known"),
        ("Decline, wrong area. Please do not send the next one to us either.", "decline"),
    ],
)
def test_a_persons_plain_answer_stays_one(said: str, answer: str) -> None:
    assert read_answer(said, WRITER).answer == answer


def test_a_name_stands_behind_the_word_in_small_letters_and_above_working_days() -> None:
    assert read_answer("RECEIVED Louise Notional").answer == "received"
    assert read_answer("received\n\npriya imaginary", "Priya Imaginary priya.imaginary").answer == "received"
    signed = "RECEIVED\n\nLouise Notional\nNamed Nurse | Fibshire NHS Trust\nWorking days: Monday to Thursday"
    assert read_answer(signed).answer == "received"


def test_a_first_name_alone_is_a_name_where_from_has_it_too() -> None:
    assert read_answer("Received, thanks. Nia", "Nia Notional nia").answer == "received"
    assert read_answer("Received, thanks. Nia", "Duty Desk duty").answer == "unclear"
    assert read_answer("Received. Desk", "Duty Desk duty").answer == "unclear"
    assert read_answer("Received, thanks. Nia Notional", "Duty Desk duty").answer == "received"


@pytest.mark.parametrize(
    "said",
    [
        "Received into the MASH tray at 09:14.",
        "Thank you, received. This mailbox is monitored 9am-5pm.",
        "Received - ticket 44821",
        "Thanks for your referral, received and placed in the queue.",
        "Acknowledged. Ref: SG/2026/1184.",
        "Accepted into triage.",
        "Received, the duty worker will pick this up.",
        "Yes, received. Please allow five working days.",
        "Received. Do not reply.",
        "Received by Front Door",
        "Safeguarding Hub: received.",
        "Received\nFront Door Business Support\nPlease note this inbox is not checked at weekends",
        "Received OK. Message no. 000012",
        "We have received your email and it will be read in due course.",
        "Derbyniwyd. Bydd aelod o'r tîm yn cysylltu â chi o fewn 24 awr.",
        "Derbyniwyd eich neges. Diolch.",
        "Diolch, derbyniwyd. Nid yw'r blwch hwn yn cael ei fonitro dros y penwythnos.",
        "Wedi derbyn eich atgyfeiriad. Cyfeirnod: 4471.",
        "Derbyniwyd gan Dîm Diogelu",
        "Received with thanks, Safeguarding Team",
        "Received and logged, MASH Admin",
        "Received\n\nThank you for contacting the Safeguarding Team.",
        "Accepted\n\nYour referral number is 99120.",
        "Received. If a child is in immediate danger call 999.",
        "In hand",
        "Received. Kind regards, Intake",
        "Received\nOur ref: 99120",
        "Received by Fakeshire Gateway",
        "Declined - out of office",
        "Declined by policy",
        "Declined: I am on leave",
        "Declined: mailbox full",
        "Nothing known. This is the standard reply of the records desk.",
        "Received. Regards, The Orchard Practice",
        "Received. Blank",
        "Received. Control Room",
        "Received. Ann Lee to action.",
        "Received. Allocated.",
        "Received. Duty worker will look at this.",
        "Received\n\nSafeguarding Team\nTel 01632 960111",
    ],
)
def test_a_team_mailbox_s_receipt_is_no_answer(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "I'm on leave until Monday 30 November. Received mail will be read then.",
        "Received. I'm off until Tuesday.",
        "Received! Back on Monday",
        "Received, but I do not work on Fridays.",
        "Received - non working day",
        "I have received your email. I am out on visits all day with limited signal.",
        "Received. Maternity cover: Bo Fiction.",
        "On jury service. Received.",
        "Received. My working days are Mon-Wed.",
        "Received, thank you. Please expect a delay in reply, I am on a course.",
        "Derbyniwyd. Rwyf allan o'r swyddfa tan ddydd Llun.",
        "Derbyniwyd, ond rwyf ar gyfnod mamolaeth.",
        "Byddaf yn ôl ddydd Mawrth. Derbyniwyd.",
        "Received. I have left the Trust; write to safeguarding.duty@health.example.",
        "Accept. I am on annual leave.",
        "Received. Sent automatically while I am in clinic.",
        "Received. I will read it tomorrow.",
        "Received. Ada Made-Up\nNot working Wednesdays",
    ],
)
def test_who_is_away_has_nothing_in_hand(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Received, will get back to you this afternoon",
        "Received. Duty manager is looking at this now.",
        "Accept. Home visit by uniform tonight.",
        "Accept\n\nWe open a section 47 enquiry. Mum is known to us; dad not seen since 2019.",
        "Accept. Can you ring me about the school?",
        "Received on 26 November",
    ],
)
def test_what_a_machine_could_have_written_too_a_person_reads(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Declined: mailbox full",
        "Decline. Attachment type not allowed.",
        "Accept. Queue position 4.",
        "Nothing known. This is the standard reply of the records desk.",
        "Received. Opening hours 9 to 5.",
        "Received, many thanks.\n\nChildren's Front Door\nOpen Monday to Friday",
        "Received\n\nYou will hear from us.",
        "Received. Visit www.agency.example for forms.",
        "Received. Please do not send this again.",
        "Received.\nThis inbox will close on 4 December.",
        "Received by duty on Friday",
        "Received. All our officers are busy.",
        "Received. Please note new address front.door@agency.example",
        "Thank you, received. This mailbox is monitored 9am-5pm.",
        "Received, the duty worker will pick this up.",
        "Yes, received. Please allow five working days.",
        "Received. Do not reply.",
        "Received by Front Door",
        "RECEIVED 27/11/2026 14:03",
        "Received OK. Message no. 000012",
        "Received with thanks, Safeguarding Team",
        "Received. Kind regards, Intake",
        "Accepted\n\nYour referral number is 99120.",
        "Acknowledged. Ref: SG/2026/1184.",
        "Derbyniwyd eich neges. Diolch.",
        "Derbyniwyd gan Dîm Diogelu",
        "Received. Thank you for your referral.",
        "Received. We will get back to you as soon as possible.",
        "Received. We will be in touch.",
        "Received. We will respond today.",
        "RECEIVED. YOUR EMAIL WILL BE READ TODAY.",
        "Thank you. Received.\n\nSafeguarding Hub\nFakeshire Council",
        "Received\n\nThe MASH Team",
        "Received with thanks by the duty team",
        "Received. Contact Jo Bloggs on 01632 960111",
        "Received. For urgent matters ring 01632 960111.",
        "Received\nMon-Fri 9-5",
        "Received: open 9am to 5pm",
        "Received. Case open",
        "Case received. Case opened.",
        "Received. Confirmation of message",
        "Message received. Thank you.",
        "Received. Confirmed.",
        "Received. Safeguarding Children Partnership",
        "Received\n\nNorthmoor Health Visiting",
        "Received\nChildren and Family Services",
        "Accept\n\nThank you for your message.",
        "Received. Allocated to the duty worker",
        "Received, passed to Ann Lee",
        "Received. Redirected to Jo",
        "Acknowledged.",
        "Acknowledged. Duty Desk",
        "Receipt confirmed",
        "We confirm receipt of your email and will deal with it today",
        "I confirm receipt of your email and will respond soon",
    ],
)
def test_a_team_mailbox_says_more_than_the_word_and_less_than_a_person(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "Received. Back 4/12.",
        "Received. Half term hours.",
        "Received. Bank holiday.",
        "Received. At a conference, replies will be slow.",
        "Received\n\nLimited access to email today",
        "Received. Working from home Mon and Tue.",
        "Received. Call Bo instead.",
        "Received. Sorry I missed you!",
        "Received. The baby was seen with a broken arm this morning. Ada",
        "Received. Is there a sibling?",
        "Received. I'm off until Tuesday.",
        "Received! Back on Monday",
        "Received. Maternity cover: Bo Fiction.",
        "On jury service. Received.",
        "Received. My working days are Mon-Wed.",
        "Received, thank you. Please expect a delay in reply, I am on a course.",
        "Received. I have left the Trust; write to duty@health.example.",
        "RECEIVED\nI am attending court and will pick up messages this evening.",
        "Received. Sent automatically while I am in clinic.",
        "Received. Team will look at it today.",
        "Received. I am working Monday and Tuesday.",
        "Received. I work Monday to Wednesday.",
        "Received, I am with clients today and will look tomorrow.",
        "Received. In court today.",
        "Received. On a call.",
        "Received. Visiting families today.",
        "Received. I am visiting today and will see this tomorrow.",
        "Received – see you Monday",
        "Received. Ann Lee is out today.",
        "Received. First look by Monday.",
        "Received. Read first thing Monday.",
        "Received. To be read on Monday",
        "Received this week",
        "Accepted. Your case will be looked at.",
        "Received. Sam is covering for me",
        "Received, I will read it on Monday.",
        "Received. I will look at it on Monday",
        "Received. I'll look tomorrow",
        "Received. Will read on Monday morning.",
        "I have received it. I'm in a meeting and will read it this afternoon.",
        "Received. I am teaching till noon.",
    ],
)
def test_who_is_away_or_looks_later_has_nothing_in_hand(said: str) -> None:
    assert read_answer(said).answer == "unclear"


@pytest.mark.parametrize(
    "said",
    [
        "I confirm receipt and will deal with it today",
        "Acknowledged, I'm on it",
        "Acknowledged - Ann Lee",
        "I have read this and have it in hand",
        "Rec'd",
        "Rec'd, thanks. Jo",
        "All received, I'm on it",
        "Received. Thanks, Jo",
        "Received and reading now",
        "Received. Thank you for this. I'm reading it now and will ring the school.",
        "Received\n\nKind regards\nAnn Lee\nDuty social worker\nPlease consider the environment before printing",
        "Hello,\nReceived.\nKind regards,\nAnn",
        "RECEIVED\nPC 4471 Jones",
        "Received, DS Smith, Fakeshire Police",
        "RECEIVED thanks Sarah",
        "received ta",
        "Received - Dr A. Khan, Madeup Surgery",
        "Received. I am dealing with this. T: 01632 960111 E: a@b.example",
        "Received – on it. Nia",
        "Hi, received. I will ring you this afternoon. Ada",
        "Derbyniwyd, diolch. Nia",
        "Received. Sgt Ada Made-Up",
    ],
)
def test_who_has_it_in_hand_may_say_so_in_other_words_and_sign_it(said: str) -> None:
    assert read_answer(said, WRITER).answer == "received"


@pytest.mark.parametrize(
    "said",
    [
        "RECEIVED\n\nOak Lodge",
        "RECEIVED\n\nYsgol Dewi Sant",
        "NOT KNOWN\n\nThe address you wrote to is not known at this domain.",
        "INFORMATION: I work Tuesdays to Thursdays only.\n\nLouise Notional\nNamed Nurse",
        "INFORMATION: The file packet.pdf was removed by the mail gateway. Ask your helpdesk for its release.",
        "Derbyniwyd\n\nTîm Diogelu\nCyngor Sir Ffibsir",
        "DECLINE\n\nSender not on the allow list.",
        "Declined.\n\nMail Security Service",
        "Nothing known. Please use the online form.",
        "No information held. Requests are answered by the records desk in 20 days.\n\nRecords Desk",
        "Information: this mailbox is only read between 9am and 5pm.",
        "INFORMATION:\nThe Safeguarding Desk has moved. Our new address is desk@health.example.",
        "Interim: your message waits in the queue of the duty worker.",
        "INTERIM: automatic acknowledgement, a reply follows within 24 hours.",
        "I cannot attend to mail this week.\n\nFay Tale",
        "Cannot attend to your message at present, back 7 December.",
        "Attend: court all day. I'll look tonight.",
        "Accepted. Unallocated.",
        "Accepted. Provisional.",
        "Accepted - Mimecast",
        "ACCEPTED\n\nPriority Three",
        "Accept\n\nUned Ddiogelu",
        "Accepted. Assigned to Pat Chorus.",
        "Received\n\nOtherton Safeguarding",
        "Received\n\nFibshire Early Help",
        "Received.\n\nBarnardos",
        "Received\n\nFibshire\n01632 960111",
        "Received\n\nTîm Diogelu\nCyngor Gwynedd",
        "Received. Kind regards, Careline",
        "Received. Unattended.",
        "Received. Half Term.",
        "Received - Christmas Closure",
        "Received - Tomorrow",
        "Received. I'm visiting family.",
        "Declined: sender unknown.",
        "DECLINE\n\nRule 14: external sender.",
        "Declined. Message too large.",
        "Declined. This team has closed; write to desk@health.example.",
        "Nothing known. This address is not in use.",
        "No record of this recipient.",
        "No records team member is available today. We will reply within 20 days.",
        "Information: your call is important to us.",
        "INFORMATION: Opening hours are 9 to 5.",
        "Info: ticket 4411 opened.",
        "INFO: Your message was queued (4F2A1).",
        "Wrong agency: this mailbox is closed, use desk@health.example",
        "We will attend to your message in five working days.",
        "Apologies, this mailbox is no longer in use.",
    ],
)
def test_what_is_said_of_any_mail_answers_nothing(said: str) -> None:
    assert read_answer(said).answer == "unclear"
