"""Whole replies as mail programs and gateways at large make them: the person's words are kept, nothing else is."""

from __future__ import annotations

import pytest

from mailflow.mime import read
from mailflow.reply_text import own_words

QUOTED = "> Please tell us that a person has this in hand.\n> ACCEPT  we will act\n> DECLINE  and why\n"
UNMARKED = "Please tell us that a person has this in hand.\nACCEPT  we will act\nDECLINE  and why\n"
SAID = "We have it in hand.\nAnn Lee"

BANNERS = {
    "a council's": "CAUTION: This email originated from outside of the organisation. Do not click links or open\n"
    "attachments unless you recognise the sender and know the content is safe.",
    "with stars": "*** EXTERNAL EMAIL *** Think before you click: this message is from an external sender.",
    "a label": "[EXTERNAL EMAIL]",
    "a label in rules": "----------------\nEXTERNAL SENDER\n----------------",
    "Outlook's first contact tip": "You don't often get email from hub@hub.example. Learn why this is important\n"
    "<https://aka.example/learn>",
    "Outlook's tip for several": "Some people who received this message don't often get email from hub@hub.example.",
    "two of them": "[External]\n\nWARNING: This email came from outside the Trust. Do not open attachments.",
    "a security vendor's": "ZjQcmQRYFpfptBannerStart\nThis Message Is From an External Sender\n"
    "This message came from outside your organization.\nZjQcmQRYFpfptBannerEnd",
    "German": "ACHTUNG: Diese E-Mail stammt von einem externen Absender. Klicken Sie nicht auf Links.",
    "French": "ATTENTION : ce courriel provient de l'extérieur. Ne cliquez pas sur les liens.",
    "Spanish": "ATENCIÓN: este correo procede de fuera de la organización. No haga clic en enlaces.",
    "Polish": "UWAGA: ta wiadomość pochodzi spoza organizacji. Nie klikaj w linki.",
    "Welsh": "RHYBUDD: Daeth yr e-bost hwn o'r tu allan i'r sefydliad. Peidiwch â chlicio dolenni.",
    "a notice": "NOTICE: this message was sent from outside your organisation.",
}


@pytest.mark.parametrize("banner", BANNERS.values(), ids=BANNERS.keys())
def test_a_gateways_banner_is_nobodys_words(banner: str) -> None:
    assert own_words(f"{banner}\n\n{SAID}\n\n{QUOTED}") == SAID
    assert own_words(f"\n{banner}\n________________\n\n{SAID}") == SAID


def test_a_tag_before_the_words_goes_and_the_words_stay() -> None:
    for tag in ("[EXTERNAL]", "[EXTERNAL EMAIL]", "*EXTERNAL MESSAGE*", "(External Sender)", "[ext]:"):
        assert own_words(f"{tag} {SAID}") == SAID
        assert own_words(f"{tag} {SAID}\n\n> quoted\n") == SAID


@pytest.mark.parametrize(
    "text",
    [
        "Important: please see the attachments for his chronology.",
        "Caution: do not ring before three, the partner is at home.",
        "Warning: the mother's external e-mail address is read by him. Do not click reply, ring her.",
        "This message is confidential. Do not tell the family.",
        "This email is confidential, please do not distribute it: his brothers would find them.",
        "Attention: links to earlier cases below.",
        "External visitors came to the house.",
        "Notice was given on Monday.",
        "If you have received this before, it is because we sent it twice.",
        "Views of the child: she wants to stay with her aunt.",
    ],
)
def test_what_a_person_says_in_such_words_is_kept(text: str) -> None:
    assert own_words(f"{text}\n\nACCEPT") == f"{text}\n\nACCEPT"


ABOVE = {
    "Gmail": "On Tue, Nov 24, 2026 at 9:02 AM Northmoor Hub <l.1@hub.example> wrote:\n\n" + QUOTED,
    "Yahoo": "On Tuesday, 24 November 2026 at 09:02:01 GMT, Northmoor Hub <l.1@hub.example> wrote: \n\n" + QUOTED,
    "Apple Mail": "> On 24 Nov 2026, at 09:02, Northmoor Hub <l.1@hub.example> wrote:\n> \n" + QUOTED,
    "Proton": "On Tuesday, November 24th, 2026 at 9:02 AM, Hub <l.1@hub.example> wrote:\n\n" + QUOTED,
    "Proton, older": "------- Original Message -------\nOn Tuesday, November 24th, 2026, Hub wrote:\n\n" + UNMARKED,
    "Thunderbird, German": "Am 24.11.2026 um 09:02 schrieb Northmoor Hub:\n" + QUOTED,
    "Gmail, German, by telephone": "Northmoor Hub <l.1@hub.example> schrieb am Di., 24. Nov. 2026, 09:02:\n\n"
    + QUOTED,
    "Gmail, Polish": "wt., 24 lis 2026 o 09:02 Northmoor Hub <l.1@hub.example> napisał(a):\n\n" + QUOTED,
    "Thunderbird, Polish": "W dniu 24.11.2026 o 09:02, Northmoor Hub pisze:\n" + QUOTED,
    "Gmail, Norwegian": "tir. 24. nov. 2026 kl. 09:02 skrev Northmoor Hub <l.1@hub.example>:\n\n" + QUOTED,
    "Gmail, Finnish": "ti 24. marrask. 2026 klo 9.02 Northmoor Hub (l.1@hub.example) kirjoitti:\n\n" + QUOTED,
    "Gmail, Russian": "вт, 24 нояб. 2026 г. в 09:02, Northmoor Hub <l.1@hub.example>:\nпишет:\n" + QUOTED,
    "Gmail, Welsh": "Ar Maw, 24 Tach 2026 am 09:02 ysgrifennodd Hwb <l.1@hub.example>:\n\n" + QUOTED,
    "Notes": "Northmoor Hub <l.1@hub.example> wrote on 24/11/2026 09:02:11:\n\n" + QUOTED,
    "Notes, in a block": "From:\tNorthmoor Hub <l.1@hub.example>\nTo:\tDuty Desk\nDate:\t24/11/2026 09:02\n"
    "Subject:\tMessage MASH-7K2F\n\n" + UNMARKED,
    "GroupWise": ">>> Northmoor Hub <l.1@hub.example> 24/11/2026 09:02 >>>\n" + UNMARKED,
    "Outlook": "From: Northmoor Hub <l.1@hub.example>\nSent: 24 November 2026 09:02\nTo: Duty Desk\n"
    "Subject: Message MASH-7K2F for your team\n\n" + UNMARKED,
    "Outlook by telephone": "Get Outlook for iOS<https://aka.example/o0ukef>\n________________________________\n"
    "From: Northmoor Hub <l.1@hub.example>\nSent: Tuesday, November 24, 2026 9:02:00 AM\nTo: Duty\n"
    "Subject: Message\n\n" + UNMARKED,
    "Outlook, marked important": "From: Northmoor Hub <l.1@hub.example>\nDate: Tuesday, 24 November 2026\nTo: Duty\n"
    "Subject: Message\nImportance: High\n\n" + UNMARKED,
    "Outlook, Portuguese": "De: Hub <l.1@hub.example>\nEnviado: terça-feira\nPara: Duty\nAssunto: Mensagem\n\n"
    + UNMARKED,
    "Outlook, an original message": "-----Original Message-----\nFrom: Hub\n\n" + UNMARKED,
    "Outlook, an original message, Polish": "-----Wiadomość oryginalna-----\nOd: Hub\n\n" + UNMARKED,
    "Thunderbird, forwarded": "-------- Forwarded Message --------\nSubject: Message\n\n" + UNMARKED,
    "a web mail, marked with bars": "| " + UNMARKED.replace("\n", "\n| "),
}


@pytest.mark.parametrize("below", ABOVE.values(), ids=ABOVE.keys())
def test_words_above_a_quote_are_kept_alone(below: str) -> None:
    assert own_words(f"{SAID}\n\n{below}") == SAID


@pytest.mark.parametrize("name", ["Gmail", "Yahoo", "Apple Mail", "Proton", "Thunderbird, German", "Gmail, Polish"])
def test_words_below_and_between_a_marked_quote_are_kept_too(name: str) -> None:
    assert own_words(f"{ABOVE[name]}\n{SAID}\n") == SAID
    assert own_words(f"{ABOVE[name]}Yes.\n> And who rang?\nThe school.\n") == "Yes.\nThe school."


@pytest.mark.parametrize(
    "line",
    [
        "In 2019 his mother wrote to the school at 09:00:",
        "On Monday she wrote:",
        "The neighbour, on 3.11.2026, wrote this to us:",
    ],
)
def test_a_sentence_that_tells_of_writing_announces_no_quote(line: str) -> None:
    text = f"{line}\nhe is not safe here"
    kept = own_words(text)
    assert "he is not safe here" in kept


SIGNATURES = [
    *("Sent from my iPhone", "Sent from my iPad", "Sent from my Galaxy", "Sent from my Samsung Galaxy smartphone."),
    *(
        "Sent from Outlook for iOS",
        "Get Outlook for Android",
        "Sent from Mail for Windows",
        "Sent from Yahoo Mail on",
    ),
    *(
        "Sent with Proton Mail secure email.",
        "Sent via BT Email App",
        "Sent from my Huawei phone",
        "Sent from BlueMail",
    ),
    *(
        "Von meinem iPhone gesendet",
        "Gesendet mit der GMX Mail App",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
    ),
    *("Envoyé à partir de mon mobile", "Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Wysłane z iPhone'a"),
    *("Skickat från min iPhone", "Sendt fra min iPhone", "Anfonwyd o fy iPhone", "Отправлено с iPhone"),
]


@pytest.mark.parametrize("line", SIGNATURES)
def test_a_telephones_signature_goes_and_words_below_it_stay(line: str) -> None:
    assert own_words(f"{SAID}\n\n{line}\n\n{QUOTED}") == SAID
    assert (
        own_words(f"{SAID}\n\n{line}\n\nPS: he is at school now.\n{QUOTED}")
        == f"{SAID}\n\n\nPS: he is at school now."
    )


FOOTERS = {
    "council": "This email and any attachments are intended solely for the addressee and may be legally "
    "privileged. If\n"
    "you have received it in error please delete it and tell the sender.",
    "police": "This message may contain confidential information. If you are not the intended recipient please "
    "inform\n"
    "the sender that you have received the message in error before deleting it. Unauthorised use is prohibited.",
    "health": "*****************\n\nThis message may contain confidential information. If you are not the intended\n"
    "recipient please destroy it. Views expressed do not necessarily represent the Trust.\n\n*****************",
    "title": "DISCLAIMER\nThe views in this e-mail are the author's own.",
    "German": "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der Adressat sind oder sie "
    "irrtümlich\n"
    "erhalten haben, informieren Sie bitte den Absender.",
    "Welsh": "Mae'r e-bost hwn yn gyfrinachol ac fe'i bwriedir ar gyfer y derbynnydd yn unig.",
    "scanned": "This email has been scanned for viruses by a service of the Trust.",
    "free of viruses": "Virus-free.www.avast.com",
    "trees": "Please consider the environment before printing this email.",
}


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS.keys())
def test_a_disclaimer_is_nobodys_words(footer: str) -> None:
    kept = own_words(f"{SAID}\n\n{footer}\n\n{QUOTED}")
    assert [line for line in kept.splitlines() if line.strip("* ")] == SAID.splitlines()


HTML = """From: Ann Lee <ann.lee@health.example>
Subject: Re: Message
In-Reply-To: <one@hub.example>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

"""
PAGES = {
    "Gmail": "<div dir=ltr>We have it in hand.<br>Ann Lee</div><br><div class=gmail_quote><div dir=ltr "
    "class=gmail_attr>On Tue, Hub wrote:<br></div><blockquote class=gmail_quote>ACCEPT or DECLINE</blockquote></div>",
    "Outlook": "<p>We have it in hand.</p><p>Ann Lee</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
    "<p><b>From:</b> Hub<br><b>Sent:</b> Tuesday<br><b>To:</b> Duty<br><b>Subject:</b> Message</p></div>"
    "<p>ACCEPT or DECLINE</p>",
    "Outlook on the web": "<div>We have it in hand.</div><div>Ann Lee</div><hr><div id=divRplyFwdMsg><b>From:</b> Hub"
    "<br><b>Sent:</b> Tuesday<br><b>To:</b> Duty<br><b>Subject:</b> Message</div><div>ACCEPT or DECLINE</div>",
    "Thunderbird, below": "<div class=moz-cite-prefix>On 24/11/2026 09:02, Hub wrote:<br></div><blockquote type=cite>"
    "ACCEPT or DECLINE</blockquote><p>We have it in hand.<br>Ann Lee</p>",
    "a banner in a table": "<table><tr><td>CAUTION: This email originated from outside of the organisation. Do not "
    "click links.</td></tr></table><p>We have it in hand.<br>Ann Lee</p><blockquote>ACCEPT</blockquote>",
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_of_a_page_too_only_the_persons_words_are_kept(page: str) -> None:
    kept = own_words(read(f"{HTML}{page}\n".replace("\n", "\r\n").encode()).text)
    assert [line for line in kept.splitlines() if line] == SAID.splitlines()
