"""Of a reply only what its sender wrote is kept, wherever in the mail they wrote it, and nothing that was quoted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.reply_text import LONGEST, own_words
from mailflow.words import read_answer

QUOTE = """> We ask you to tell us that a person has this in hand.
> ACCEPT               we will act on it
> DECLINE              and why
"""

OUTLOOK_HEAD = """From: Northmoor Safeguarding Hub <l.0190f3a2.abcdefghijklmnop@hub.example>
Sent: 24 November 2026 09:02
To: Duty Desk <duty@health.example>
Subject: Message MASH-7K2F for your team

ACCEPT               we will act on it
DECLINE              and why
"""

MAILS = {
    "Thunderbird, below the quote": (
        "On 24/11/2026 09:02, Northmoor Safeguarding Hub wrote:\n" + QUOTE + "\nReceived, Ann Lee\n",
        "Received, Ann Lee",
    ),
    "Gmail, above the quote, the attribution wrapped": (
        "We accept.\n\nOn Tue, 24 Nov 2026 at 09:02, Northmoor Safeguarding Hub <\n"
        "l.0190f3a2.abcdefghijklmnop@hub.example> wrote:\n\n" + QUOTE,
        "We accept.",
    ),
    "Gmail, wrapped over three lines": (
        "Received.\n\nOn Tue, 24 Nov 2026 at 09:02,\nNorthmoor Safeguarding Hub\n<l.01@hub.example> wrote:\n" + QUOTE,
        "Received.",
    ),
    "between the quoted lines": (
        "On 24/11/2026 09:02, Hub wrote:\n> Is she at home?\nYes, with her aunt.\n> Who rang?\nThe school.\n",
        "Yes, with her aunt.\nThe school.",
    ),
    "Outlook, above an unmarked quote": ("Accept\n\nAnn Lee\n\n" + OUTLOOK_HEAD, "Accept\n\nAnn Lee"),
    "Outlook, in bold made plain": (
        "Accept\n\n*From:* Hub <hub@hub.example>\n*Sent:* 24 November 2026 09:02\n*To:* Duty\n\nDECLINE\n",
        "Accept",
    ),
    "Outlook on the web, behind a rule": (
        "Not known to us\n\n________________________________\n" + OUTLOOK_HEAD,
        "Not known to us",
    ),
    "Outlook, -----Original Message-----": (
        "Received\n\n-----Original Message-----\nFrom: Hub\nACCEPT\n",
        "Received",
    ),
    "Apple Mail, forwarded": ("Can you take this?\n\nBegin forwarded message:\n\nACCEPT\n", "Can you take this?"),
    "a phone's signature above the quote": (
        "Received\n\nSent from my iPhone\n\n> On 24 Nov 2026, at 09:02, Hub <hub@hub.example> wrote:\n>\n" + QUOTE,
        "Received",
    ),
    "Outlook's advertisement": ("Received\n\nGet Outlook for Android\nACCEPT us", "Received"),
    "a signature, then words below the quote": (
        "Thanks\n-- \nAnn Lee\nAccept House, Northmoor\n" + QUOTE + "We accept.\n",
        "Thanks\nWe accept.",
    ),
    "a signature, then an attribution with no marks behind it": (
        "Thanks\n--\nAnn Lee\nOn 24/11/2026, Hub wrote:\nWe accept.\n",
        "Thanks\nWe accept.",
    ),
    "a gateway's banner in brackets": (
        "[EXTERNAL] Do not open links unless you know the sender.\n\nReceived\n",
        "Received",
    ),
    "a gateway's banner of several lines": (
        "\nCAUTION: This email originated from outside of the organisation.\nDo not click links.\n\nReceived",
        "Received",
    ),
    "a gateway's banner and nothing to end it": (
        "This message came from outside the council.\nReceived",
        "Received",
    ),
    "a disclaimer above the quote": (
        "Received\n\nThis email and any attachments are confidential and intended for the addressee only.\n"
        "If you accept it in error, tell us.\n\n" + QUOTE,
        "Received",
    ),
    "a disclaimer to the end": ("Received\n\nConfidentiality notice\nAccept no liability.", "Received"),
    "a disclaimer, and words after it": ("Disclaimer\nnot us\n\nReceived", "Received"),
    "quoted with bars": ("| ACCEPT or DECLINE\nReceived", "Received"),
    "quoted twice": (">> ACCEPT\n> > DECLINE\n  > ACCEPT\nReceived", "Received"),
    "old Macintosh line ends": ("> ACCEPT\rReceived\r", "Received"),
    "CRLF": ("Received\r\n\r\n> ACCEPT\r\n", "Received"),
    "nothing but a quote": (QUOTE, ""),
    "nothing": ("", ""),
    "nothing but empty lines": ("\n \n\t\n", ""),
}


@pytest.mark.parametrize(("mail", "own"), MAILS.values(), ids=MAILS.keys())
def test_what_was_written_is_kept_and_what_was_quoted_is_not(mail: str, own: str) -> None:
    assert own_words(mail) == own


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("On Tue, 24 Nov 2026 at 09:02, Hub <hub@hub.example> wrote:", id="English"),
        pytest.param("Ar 24/11/2026 09:02, ysgrifennodd Hyb Northmoor:", id="Welsh"),
        pytest.param("Am 24.11.2026 um 09:02 schrieb Hub:", id="German"),
        pytest.param("Le mar. 24 nov. 2026 à 09:02, Hub <hub@hub.example> a écrit :", id="French"),
        pytest.param("El mar, 24 nov 2026 a las 9:02, Hub (<hub@hub.example>) escribió:", id="Spanish"),
        pytest.param("Il giorno mar 24 nov 2026 alle ore 09:02 Hub <hub@hub.example> ha scritto:", id="Italian"),
        pytest.param("Op di 24 nov 2026 om 09:02 schreef Hub <hub@hub.example>:", id="Dutch"),
        pytest.param("Den tis 24 nov. 2026 kl 09:02 skrev Hub <hub@hub.example>:", id="Swedish"),
        pytest.param("Dnia 24 listopada 2026 09:02 Hub napisał(a):", id="Polish"),
        pytest.param("Em ter., 24 de nov. de 2026 às 09:02, Hub <hub@hub.example> escreveu:", id="Portuguese"),
    ],
)
def test_the_line_above_a_quote_is_not_the_writers(line: str) -> None:
    assert own_words(f"Received\n\n{line}\n{QUOTE}") == "Received"
    assert own_words(f"{line}\n{QUOTE}\nReceived") == "Received"


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(
            "Oddi wrth: Hyb <hub@hub.example>\nAnfonwyd: 24 Tachwedd 2026\nAt: Desg\nPwnc: Neges", id="Welsh"
        ),
        pytest.param("Von: Hub <hub@hub.example>\nGesendet: Dienstag\nAn: Duty\nBetreff: Nachricht", id="German"),
        pytest.param("De : Hub <hub@hub.example>\nEnvoyé : mardi\nÀ : Duty\nObjet : Message", id="French"),
        pytest.param("De: Hub <hub@hub.example>\nEnviado: martes\nPara: Duty\nAsunto: Mensaje", id="Spanish"),
        pytest.param("Da: Hub <hub@hub.example>\nInviato: martedì\nA: Duty\nOggetto: Messaggio", id="Italian"),
        pytest.param("Van: Hub <hub@hub.example>\nVerzonden: dinsdag\nAan: Duty\nOnderwerp: Bericht", id="Dutch"),
        pytest.param("Från: Hub <hub@hub.example>\nSkickat: tisdag\nTill: Duty\nÄmne: Meddelande", id="Swedish"),
        pytest.param(
            "Fra: Hub <hub@hub.example>\nSendt: tirsdag\nTil: Duty\nEmne: Melding", id="Danish and Norwegian"
        ),
        pytest.param("Od: Hub <hub@hub.example>\nData: wtorek\nDo: Duty\nTemat: Wiadomość", id="Polish"),
        pytest.param("From: Hub\n\nDate: today\n\nCc: Duty\n", id="English, a line between"),
    ],
)
def test_everything_below_outlooks_header_block_is_quoted(head: str) -> None:
    assert own_words(f"Received\n\n{head}\n\nACCEPT\n") == "Received"


@pytest.mark.parametrize(
    "line",
    [
        "-----Original Message-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Oorspronkelijk bericht-----",
        "-----Neges Wreiddiol-----",
        "---------- Forwarded message ---------",
    ],
)
def test_everything_below_a_line_that_says_so_is_quoted(line: str) -> None:
    assert own_words(f"Received\n{line}\nACCEPT\n") == "Received"


def test_a_banner_that_ends_in_a_rule_spoils_no_answer() -> None:
    own = own_words("[EXTERNAL SENDER]\nBe careful with links.\n==========\nReceived\n")
    assert "careful" not in own
    assert read_answer(own).answer == "received"


@pytest.mark.parametrize(
    "signature",
    [
        *("-- ", "--", "Sent from my Galaxy", "Sent from Outlook for iOS", "Get Outlook for iOS"),
        *("Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone"),
    ],
)
def test_a_signature_is_no_words(signature: str) -> None:
    assert own_words(f"Received\n{signature}\nACCEPT House\n") == "Received"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("On Tuesday we visited her at home.", id="begins like an attribution"),
        pytest.param("On Tuesday we visited.\nThe aunt opened.\nAll was quiet.\nWe go again.", id="over four lines"),
        pytest.param("From: the school nurse, by telephone", id="one header-like line"),
        pytest.param("From: 9 to 5\nTo: be agreed\nThen home.", id="two header-like lines"),
        pytest.param("Before\n__________\nAfter", id="a rule, and no header block behind it"),
        pytest.param("Before\n-----\nAfter", id="a rule of hyphens"),
        pytest.param("The external health visitor came.", id="a banner's word inside a sentence"),
        pytest.param("Seen.\n\nThis email was the only one.", id="begins like a disclaimer"),
        pytest.param("5 > 3 and a | b", id="marks inside a line"),
    ],
)
def test_what_only_looks_like_somebody_elses_is_kept(text: str) -> None:
    assert own_words(text) == text


def test_what_is_too_long_for_a_reply_is_cut() -> None:
    assert own_words("x" * (LONGEST + 10)) == "x" * LONGEST


@given(st.text(max_size=600))
def test_any_text_gives_some_of_its_own_lines(text: str) -> None:
    lines = {line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")}
    assert {line.strip() for line in own_words(text).split("\n")} <= lines | {""}


@given(st.lists(st.sampled_from([line for mail, _ in MAILS.values() for line in mail.splitlines()]), max_size=30))
def test_any_shuffle_of_real_lines_is_read(lines: list[str]) -> None:
    own = own_words("\n".join(lines))
    assert not any(line.lstrip().startswith(">") for line in own.split("\n"))


@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.sampled_from(["ACCEPT", "We have it", "Info: x", "Decline", "Attending"]))
    )
)
def test_no_text_that_is_quoted_from_end_to_end_answers(lines: list[str]) -> None:
    quoted = "".join(f"> {' '.join(line.split())}\n" for line in lines)
    assert own_words(quoted) == ""
    assert read_answer(own_words(quoted)).answer == "unclear"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "> x\n",
            "On aaaaaaaaaaaa\n",
            "On Monday x wrote:\n",
            "-- \n",
            "-- \n> a\n",
            "From: x\n",
            "From: x\ny\n",
            "\n",
            " ",
            ">",
        ),
        *("[EXTERNAL] ", "This email is confidential\n", "On wrote wrote wrote\n: : : : :\n", "_", "---- original "),
    ],
)
def test_no_text_is_slow(piece: str) -> None:
    text = piece * (LONGEST // len(piece))
    begun = time.process_time()
    own_words(text)
    assert time.process_time() - begun < 10


def test_a_warning_by_a_person_is_no_banner() -> None:
    said = "Warning: father is violent, do not visit alone.\n\nACCEPT"
    assert own_words(said) == said
    assert own_words("CAUTION: this email came from outside. Do not open links.\n\nACCEPT") == "ACCEPT"
