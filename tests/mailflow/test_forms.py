"""A structured referral is found in a mail in every way in which people send one back."""

from __future__ import annotations

import json
import textwrap

import pytest

from exchange.case.fields import FIELDS
from exchange.case.referral import read
from exchange.schemas import text_template
from mailflow.forms import structured
from mailflow.parsed_mail import ParsedMail, Part

ANSWERS = {
    "referrer": {"name": "Orla Notreal", "source": "2A", "telephone": "01632 960155"},
    "concern": {"immediate_danger": "no", "what_happened": "He came in with a bruise.\n\nHe said: it was a door."},
    "consent": {"informed": "yes"},
}


def filled(form: str = "child") -> str:
    """The template as a careful person fills it in."""
    said = {
        "name (Your name):": "Orla Notreal",
        "source (": "School",
        "telephone (": "01632 960155",
        "immediate_danger (": "No",
        "what_happened (": "He came in with a bruise.\n\nHe said: it was a door.",
        "informed (": "YES.",
        "given_name (": "Quillon",
        "date_of_birth (Date of birth YYYY-MM-DD):": "1/4/2016" if form == "child" else "1950-04-01",
    }
    blocks = []
    for line in text_template(form).splitlines():
        key = next((k for k in said if line.startswith(k)), None)
        blocks.append(f"{line} {said.pop(key)}" if key else line)
    assert not said
    return "\n".join(blocks)


def expected(form: str = "child") -> dict[str, object]:
    """What it says."""
    born = "2016-04-01" if form == "child" else "1950-04-01"
    subjects = [{"given_name": "Quillon", "date_of_birth": born}]
    return {"schema": "referral/1", "form": form, **ANSWERS, "subjects": subjects, "household": []}


def wrapped(text: str) -> str:
    """As a client that wraps at 72 columns sends it."""
    return "\n".join("\n".join(textwrap.wrap(line, 72)) if line else "" for line in text.splitlines())


def quoted(text: str) -> str:
    """As a reply with the template quoted."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.splitlines())


@pytest.mark.parametrize("form", ["child", "adult"])
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(lambda t: t, id="as it is"),
        pytest.param(wrapped, id="wrapped"),
        pytest.param(quoted, id="quoted"),
        pytest.param(lambda t: quoted(quoted(t)), id="quoted twice"),
        pytest.param(lambda t: quoted(wrapped(t)), id="wrapped, then quoted"),
        pytest.param(lambda t: t.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(
            lambda t: f"Dear colleagues,\n\nsee below.\n\n{t}\n-- \nOrla\nname: 01632 960999\n", id="a letter"
        ),
    ],
)
def test_the_text_template_comes_back(form: str, sent: object) -> None:
    assert callable(sent)
    found = structured(ParsedMail(text=sent(filled(form))))
    assert found.problem == ""
    found.data["concern"]["what_happened"] = found.data["concern"]["what_happened"].replace("He\ncame", "He came")
    assert found.data == expected(form)
    assert read(found.data).form == form


@pytest.mark.parametrize(
    "said",
    [
        "neglect, self_neglect",
        "Neglect or acts of omission, SELF-NEGLECT.",
        "neglect /self_neglect",
        "neglect;self_neglect",
    ],
)
def test_several_choices_are_understood_as_people_part_them(said: str) -> None:
    lines = text_template("adult").splitlines()
    text = "\n".join(f"{line} {said}" if line.startswith("abuse (") else line for line in lines)
    assert structured(ParsedMail(text=wrapped(text))).data["subjects"] == [{"abuse": "neglect, self_neglect"}]


def test_siblings_and_household_are_blocks_of_their_own_and_empty_blocks_are_nobody() -> None:
    text = (
        "# referral/1 child\n[subject]\ngiven_name: Quillon\n[subject]\nGiven_Name: Perdita\n\n[subject]\n"
        "given_name:\n[person]\nname (Name): An aunt\nrelationship: aunt\n[person]\n[consent]\nconsent: no\n"
    )
    data = structured(ParsedMail(text=text)).data
    assert [s["given_name"] for s in data["subjects"]] == ["Quillon", "Perdita"]
    assert data["household"] == [{"name": "An aunt", "relationship": "aunt"}]
    assert data["consent"] == {"consent": "no"}


def test_what_is_not_understood_stays_for_the_check_to_name() -> None:
    text = "# referral/1 child\n[subject]\ngiven_name: Quillon\ndate_of_birth: next spring\nsex: unsure\n"
    data = structured(ParsedMail(text=text)).data
    with pytest.raises(ValueError, match=r"subjects\.1\.date_of_birth: not a date.*subjects\.1\.sex"):
        read(data)


def test_an_empty_template_is_no_referral() -> None:
    assert structured(ParsedMail(text=text_template())).data is None
    assert structured(ParsedMail(text="referral/1 child, please")).data is None


def test_every_code_stands_beside_its_meaning() -> None:
    for form in ("child", "adult"):
        written = text_template(form)
        for field in (f for f in FIELDS if form in f.forms and f.codes):
            (line,) = {x for x in written.splitlines() if x.startswith(f"{field.name} ({field.label}")}
            for code, label in field.choices:
                assert code in line
                assert code == label.casefold() or f"{code} = {label}" in line
    assert "1A = Family member, relative or carer" in text_template()


def test_words_that_look_like_a_question_swallow_no_question_after_them() -> None:
    text = (
        "# referral/1 child\n[concern]\nwhat_happened: He cried\ntold (by whom nobody knows\n"
        "when (When did it happen?): today\n[subject]\ngiven_name: Quillon\n"
    )
    concern = structured(ParsedMail(text=text)).data["concern"]
    assert concern == {"what_happened": "He cried\ntold (by whom nobody knows", "when": "today"}


def test_no_question_could_be_cut_where_an_answer_begins() -> None:
    assert not [f.key for f in FIELDS if "):" in f.label]


def file(name: str, content: bytes, kind: str = "application/json") -> Part:
    """An attached file."""
    return Part(kind, (), "attachment", name, content)


JSON = json.dumps({"schema": "referral/1", "subjects": [{"given_name": "Quillon"}]}).encode()


@pytest.mark.parametrize(
    "mail",
    [
        ParsedMail(parts=(file("referral.json", JSON),)),
        ParsedMail(parts=(file("Referral.JSON", JSON, "application/octet-stream"),)),
        ParsedMail(parts=(file("tuesday.json", JSON),)),
        ParsedMail(parts=(file("", JSON),)),
        ParsedMail(text=JSON.decode()),
        ParsedMail(parts=(file("form.txt", b"# referral/1 child\n[subject]\ngiven_name: Quillon\n", "text/plain"),)),
    ],
    ids=["named", "named in capitals", "another name", "no name", "as the text", "template in a file"],
)
def test_a_referral_is_known_by_what_it_holds(mail: ParsedMail) -> None:
    assert structured(mail).data["subjects"] == [{"given_name": "Quillon"}]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"subjects": [', "referral.json: not JSON at line 1, column 15"),
        (b"\xff\xfe{", "referral.json: not text in UTF-8"),
        (b"[" * 100_000, "referral.json: JSON nested too deeply"),
    ],
)
def test_a_file_called_a_referral_that_is_none_says_why(content: bytes, problem: str) -> None:
    found = structured(ParsedMail(parts=(file("referral.json", content),)))
    assert (found.data, found.problem) == (None, problem)


def test_other_json_is_just_a_file() -> None:
    mail = ParsedMail(text="{not json", parts=(file("x.json", b"{referral/"), file("y.json", b'["referral/1"]')))
    assert structured(mail) == structured(ParsedMail())


def test_a_file_larger_than_any_referral_is_left_to_a_person() -> None:
    assert structured(ParsedMail(parts=(file("referral.json", JSON + b" " * 1_000_000),))).data is None


def test_two_referrals_in_one_mail_are_a_persons_to_read() -> None:
    found = structured(ParsedMail(parts=(file("referral.json", JSON), file("second.json", JSON))))
    assert found.data is None
    assert "2 referrals" in found.problem
