"""Filled-in PDF and Word forms come back as the referral that they are; whatever else comes is a person's to read."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pikepdf
import pytest

from exchange.case.fields import FIELDS, Kind
from exchange.case.referral import read
from mailflow.document import Document, How, State, from_plain, named, plain
from mailflow.forms import documents, doubts, left_out, locked, structured
from mailflow.forms.as_code import MISTYPED, TYPED
from mailflow.parsed_mail import ParsedMail, Part
from templates.paper_form import names, paper_form
from tests.mailflow import paper
from tests.mailflow.paper import Answers, W, edited, empty_docx, empty_pdf, filled_docx, filled_pdf, unzipped, zipped

SAID = "He came in with a bruise.\n\nHe said: “it was a door” – £5, Żółtowski."
ANSWERS: Answers = {
    "concern.immediate_danger": "no", "concern.what_happened": SAID, "referrer.name": "Orla Notreal",
    "referrer.source": "School", "s1.given_name": "Quillon", "s1.date_of_birth": "27/03/2016",
    "s1.sex": "male", "s1.category.neglect": "yes", "s1.category.emotional": "yes",
    "s3.given_name": "Perdita", "s3.date_of_birth": "1/4/2019", "p2.name": "An aunt", "p2.relationship": "aunt",
}  # fmt: skip
EXPECTED = {
    "schema": "referral/1", "form": "child",
    "subjects": [
        {"given_name": "Quillon", "date_of_birth": "2016-03-27", "sex": "male", "category": "neglect, emotional"},
        {"given_name": "Perdita", "date_of_birth": "2019-04-01"},
    ],
    "household": [{"name": "An aunt", "relationship": "aunt"}],
    "referrer": {"name": "Orla Notreal", "source": "2A"},
    "concern": {"immediate_danger": "no", "what_happened": SAID}, "consent": {},
}  # fmt: skip
BOTH = pytest.mark.parametrize("kind", ["pdf", "word"])


def filled(kind: str, answers: Answers, form: str = "child") -> bytes:
    """By whichever program; Word's lists show the label, a PDF's radio buttons are the code."""
    if kind == "pdf":
        return filled_pdf(answers, form)
    labels = {"concern.immediate_danger": {"no": "No", "yes": "Yes"}, "s1.sex": {"male": "Male"}}
    return filled_docx({name: labels.get(name, {}).get(said, said) for name, said in answers.items()}, form)


def looked(content: bytes, file_name: str = "form") -> Document:
    """As the child reads it and the parent gets it."""
    found = documents.look(content)
    assert found is not None
    assert from_plain(plain(found)) == found
    return named(found, file_name, "d")


def mail(*found: Document) -> ParsedMail:
    return ParsedMail(text="See attached.", documents=found)


def refused(content: bytes) -> tuple[str, str]:
    """(state, why) of a file in which nothing may be read."""
    found = looked(content)
    assert found.boxes == ()
    assert structured(mail(found)).data is None
    return found.state, found.why


@BOTH
def test_a_form_comes_back_field_by_field(kind: str) -> None:
    found = structured(mail(looked(filled(kind, ANSWERS), "Form of today")))
    assert found.data == EXPECTED
    assert found.by_hand
    assert len(read(found.data).subjects) == 2


@BOTH
def test_every_value_says_where_it_stood_and_how_sure_it_is(kind: str) -> None:
    found = {v.path: v for v in structured(mail(looked(filled(kind, ANSWERS), "Form of today"))).values}
    name, day = found["subjects.2.given_name"], found["subjects.2.date_of_birth"]
    assert (name.source, name.confidence, name.written) == ("“Form of today”, box s3.given_name", 0.9, "")
    assert (day.value, day.written, day.confidence) == ("2019-04-01", "1/4/2019", 0.7)  # or the fourth of January
    assert found["subjects.1.date_of_birth"].confidence in (0.9, 0.95)  # typed, or picked from Word's calendar
    assert found["referrer.source"].confidence == found["subjects.1.category"].confidence == 0.95


@BOTH
@pytest.mark.parametrize("form", ["child", "adult"])
def test_every_box_of_a_form_comes_back(kind: str, form: str) -> None:
    """Each filled in as its kind needs: what is asked is asked on all paper, and nothing is lost on the way."""
    answers, expected = dict[str, str](), dict[str, str]()
    for name, q in names(paper_form(form)):
        code, label = q.asked.choices[-1] if q.asked.choices else ("", "")
        if q.asked.kind is Kind.SEVERAL:
            answers[name], expected[q.name] = "yes", ", ".join(c for c, _ in q.asked.choices)
        elif q.asked.choices:
            radio = kind == "pdf" and len(q.asked.choices) < 4 and max(len(w) for _, w in q.asked.choices) < 10
            answers[name], expected[name] = code if radio else label, code
        else:
            answers[name] = expected[name] = "2016-03-27" if q.asked.kind is Kind.DATE else f"Said of {name}"
    made = filled_pdf(answers, form) if kind == "pdf" else filled_docx(answers, form)
    referral = read(structured(mail(looked(made))).data)
    found = {f"{section}.{n}": a for section in ("referrer", "concern", "consent")
             for n, a in getattr(referral, section).items()}  # fmt: skip
    for letter, of in (("s", referral.subjects), ("p", referral.household)):
        found |= {f"{letter}{i}.{n}": a for i, answers_ in enumerate(of, 1) for n, a in answers_.items()}
    assert found == expected
    asked = [f for f in FIELDS if form in f.forms]
    assert len(found) == sum({"subject": 4, "person": 4}.get(f.section, 1) for f in asked)


@BOTH
def test_a_form_in_which_nothing_stands_is_no_referral(kind: str) -> None:
    found = looked(empty_pdf() if kind == "pdf" else empty_docx(), "form.x")
    assert found.state is State.BLANK
    assert structured(mail(found)).data is None
    assert "without one answer" in left_out(mail(found))[0]
    blank = looked(filled(kind, {"s1.given_name": "  ", "concern.where": " \n "}))
    assert blank.state is State.BLANK


@BOTH
def test_what_cannot_be_understood_is_named_and_stays_as_it_was_written(kind: str) -> None:
    found = structured(mail(looked(filled(kind, {"s1.given_name": "Quillon", "s1.date_of_birth": "next spring"}))))
    with pytest.raises(ValueError, match=r"subjects\.1\.date_of_birth: not a date"):
        read(found.data)
    day = next(v for v in found.values if v.path.endswith("date_of_birth"))
    assert (day.value, day.confidence) == ("next spring", 0.2)


def test_the_same_form_as_pdf_and_as_word_is_one_referral_and_two_forms_are_a_persons_to_read() -> None:
    pdf, word = (looked(filled(kind, ANSWERS)) for kind in ("pdf", "word"))
    assert structured(mail(pdf, word)).data == EXPECTED
    other = looked(filled("word", {**ANSWERS, "s1.given_name": "Quill"}))
    assert "2 referrals" in structured(mail(pdf, other)).problem
    assert structured(mail(pdf, other)).data is None
    assert structured(mail(pdf, replace(pdf, digest="saved again"))).data == EXPECTED


def test_a_form_of_another_edition_is_refused_by_its_version_and_its_questions_are_named() -> None:
    """Made with other questions: what nobody asks any more is not dropped."""
    found = looked(filled("pdf", {"s1.given_name": "Quillon"}))
    later = replace(found, version="referral/2 child")
    with pytest.raises(ValueError, match="unknown version"):
        read(structured(mail(later)).data)
    renamed = replace(found, boxes=(*found.boxes, replace(found.boxes[0], name="s1.shoe_size", written="38")))
    with pytest.raises(ValueError, match=r"subjects\.1\.shoe_size: unknown field"):
        read(structured(mail(renamed)).data)
    strange = replace(found, boxes=(*found.boxes, replace(found.boxes[0], name="extra", written="x")))
    with pytest.raises(ValueError, match="extra: unknown member"):
        read(structured(mail(strange)).data)


# PDF files


def changed(edit: Any, content: bytes | None = None, **saved: object) -> bytes:
    """A filled-in form that somebody did something to."""
    with pikepdf.open(io.BytesIO(content or filled_pdf(ANSWERS))) as pdf:
        edit(pdf)
        return paper.octets(pdf, **saved)


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def test_a_form_printed_or_flattened_is_known_for_what_it_is_and_its_words_are_no_answers() -> None:
    found = looked(paper.flattened(filled_pdf(ANSWERS)), "flat.pdf")
    assert (found.state, found.why) == (State.OTHER, "flat")
    assert "What has happened" in found.text
    assert structured(mail(found)).data is None
    assert "printed or saved without its boxes" in left_out(mail(found))[0]


def test_a_scan_holds_no_words_and_says_so() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        scan = looked(paper.octets(pdf), "scan.pdf")
    assert (scan.state, scan.why, scan.text) == (State.OTHER, "scan", "")
    assert "pictures and no words" in left_out(mail(scan))[0]


def test_another_authority_s_form_is_shown_by_the_names_of_its_own_fields() -> None:
    def rename(pdf: pikepdf.Pdf) -> None:
        next(f for f in pdf.Root.AcroForm.Fields if f.T == "form_version").T = "edition"

    found = looked(changed(rename))
    assert (found.state, found.why) == (State.OTHER, "")
    assert "s1.given_name: Quillon" in found.text
    assert structured(mail(found)).data is None
    assert left_out(mail(found)) == ()


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda pdf: pdf.Root.AcroForm.__setitem__("/XFA", pikepdf.Array()), "xfa"),
        (lambda pdf: pdf.Root.__setitem__("/OpenAction", script()), "program"),
        (lambda pdf: pdf.Root.__setitem__("/Names", pikepdf.Dictionary(JavaScript=pikepdf.Dictionary())), "program"),
        (lambda pdf: pdf.Root.__setitem__("/AA", pikepdf.Dictionary(WC=script())), "program"),
        (lambda pdf: pdf.pages[3].__setitem__("/AA", pikepdf.Dictionary(O=script())), "program"),
        (lambda pdf: pdf.pages[1].Annots[2].__setitem__("/AA", pikepdf.Dictionary(K=script())), "program"),
        (
            lambda pdf: (
                pdf.pages[1]
                .Annots[2]
                .__setitem__("/A", pikepdf.Dictionary(S=pikepdf.Name.URI, Next=pikepdf.Array([script()])))
            ),
            "program",
        ),
        (
            lambda pdf: pdf.pages[1].Annots[2].__setitem__("/A", pikepdf.Dictionary(S=pikepdf.Name.Launch)),
            "program",
        ),
        (lambda pdf: pdf.pages[1].Annots[2].__setitem__("/Subtype", pikepdf.Name.RichMedia), "program"),
        (lambda pdf: pdf.pages[1].Annots[2].__setitem__("/Subtype", pikepdf.Name.FileAttachment), "attachment"),
        (lambda pdf: pdf.attachments.__setitem__("x.exe", b"MZ"), "attachment"),
    ],
    ids=["xfa", "open", "names", "catalog", "page", "field", "next", "launch", "media", "file", "embedded"],
)
def test_a_pdf_that_does_what_no_form_does_is_not_read(edit: Any, why: str) -> None:
    assert refused(changed(edit)) == (State.REFUSED, why)


def test_a_pdf_that_opens_at_its_first_page_is_an_ordinary_one() -> None:
    def opens(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])

    assert structured(mail(looked(changed(opens)))).data == EXPECTED


def test_a_pdf_that_only_forbids_changes_is_read_and_one_with_a_password_is_locked() -> None:
    small = filled_pdf({"s1.given_name": "Quillon"}, people=1)
    only = changed(lambda pdf: None, small, encryption=pikepdf.Encryption(owner="secret", user="", R=6))
    assert structured(mail(looked(only))).data["subjects"] == [{"given_name": "Quillon"}]
    for lock, word in (
        (pikepdf.Encryption(owner="x", user="Pass wörd", R=6), "Pass wörd"),
        (pikepdf.Encryption(owner="x", user="password", R=4), "password"),
        (pikepdf.Encryption(owner="x", user="password", R=3, aes=False, metadata=False), "password"),
    ):
        shut = changed(lambda pdf: None, small, encryption=lock)
        assert refused(shut) == (State.LOCKED, "")
        assert locked(mail(looked(shut)))
        opened = documents.unlock(shut, word)
        assert opened is not None
        assert structured(mail(looked(opened))).data["subjects"] == [{"given_name": "Quillon"}]
        assert documents.unlock(shut, "another") is None


# Word files


def test_a_form_whose_protection_was_taken_off_is_less_sure_and_all_its_words_are_shown() -> None:
    def off(settings: Element) -> None:
        for one in list(settings):
            if one.tag == f"{W}documentProtection":
                settings.remove(one)

    def aside(body: Element) -> None:
        paragraph = SubElement(body[0], f"{W}p")
        SubElement(SubElement(paragraph, f"{W}r"), f"{W}t").text = "Written beside the boxes"

    found = looked(edited(edited(filled("word", ANSWERS), aside), off, "word/settings.xml"), "f.docx")
    told = structured(mail(found))
    assert told.data == EXPECTED
    assert max(v.confidence for v in told.values) == 0.6
    assert "Written beside the boxes" in found.text
    assert "was unlocked" in left_out(mail(found))[0]


def test_a_block_that_was_copied_is_one_more_person_also_where_the_first_left_a_blank() -> None:
    answers = {"s1.given_name": "Quillon", "s4.given_name": "Perdita"}

    def copy(body: Element) -> None:
        """Somebody copies all of the fourth child, and fills the copy in for a fifth."""
        import copy as copying

        document = body[0]
        mine = [e for e in document if e.tag == f"{W}tbl" and any(
            str(t.get(f"{W}val")).startswith("s4.") for t in e.iter(f"{W}tag"))]  # fmt: skip
        for table in mine:
            again = copying.deepcopy(table)
            for control in again.iter(f"{W}sdt"):
                tag = control.find(f"{W}sdtPr/{W}tag")
                assert tag is not None
                said = {"s4.given_name": "Quill", "s4.school": "Madeupton Primary"}.get(tag.get(f"{W}val", ""))
                if said:
                    paper.write(control, said)
            document.append(again)

    found = structured(mail(looked(edited(filled("word", answers), copy))))
    assert found.data["subjects"] == [
        {"given_name": "Quillon"}, {"given_name": "Perdita"}, {"given_name": "Quill", "school": "Madeupton Primary"}
    ]  # fmt: skip


def test_what_was_struck_out_by_tracking_is_no_answer_and_what_was_put_in_is() -> None:
    def track(body: Element) -> None:
        for control in body.iter(f"{W}sdt"):
            tag = control.find(f"{W}sdtPr/{W}tag")
            if tag is not None and tag.get(f"{W}val") == "s1.given_name":
                inside = control.find(f"{W}sdtContent")
                assert inside is not None
                inside.clear()
                gone = SubElement(SubElement(SubElement(inside, f"{W}del"), f"{W}r"), f"{W}delText")
                gone.text = "Perdita"
                SubElement(SubElement(SubElement(inside, f"{W}ins"), f"{W}r"), f"{W}t").text = "Quillon"

    found = structured(mail(looked(edited(filled("word", {"s1.given_name": "Perdita"}), track))))
    assert found.data["subjects"] == [{"given_name": "Quillon"}]


def test_a_list_that_was_taken_back_is_unanswered() -> None:
    found = looked(filled_docx({"s1.given_name": "Quillon", "s1.sex": "No answer"}))
    assert [(box.name, box.written, box.how) for box in found.boxes] == [("s1.given_name", "Quillon", How.TYPED)]


def test_a_letter_in_word_is_words_for_a_person() -> None:
    def letter(body: Element) -> None:
        body[0].clear()
        for line in ("Dear colleagues,", "I am worried."):
            SubElement(SubElement(SubElement(body[0], f"{W}p"), f"{W}r"), f"{W}t").text = line

    found = looked(edited(empty_docx(), letter))
    assert (found.state, found.why, found.text) == (State.OTHER, "", "Dear colleagues,\nI am worried.")
    assert left_out(mail(found)) == ()


def test_a_form_saved_by_a_program_that_drops_tags_and_bookmarks_is_known_by_its_words() -> None:
    def drop(body: Element) -> None:
        for around in body.iter():
            for one in [p for p in around if p.tag in (f"{W}tag", f"{W}bookmarkStart")]:
                around.remove(one)

    found = looked(edited(filled("word", ANSWERS), drop))
    assert (found.state, found.why) == (State.OTHER, "flat")
    assert SAID in found.text


def with_part(name: str, content: bytes) -> bytes:
    return zipped(unzipped(filled("word", ANSWERS)) | {name: content})


def relationship(kind: str) -> bytes:
    rel = f'<Relationship Id="x" Type="http://x/{kind}" Target="http://far.example/" TargetMode="External"/>'
    return f'<Relationships xmlns="http://x">{rel}</Relationships>'.encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (with_part("word/vbaProject.bin", b"\0"), "program"),
        (with_part("[Content_Types].xml", b"application/vnd.ms-word.document.macroEnabled.main+xml"), "program"),
        (with_part("word/_rels/settings.xml.rels", relationship("attachedTemplate")), "outside"),
        (with_part("word/_rels/document.xml.rels", relationship("image")), "outside"),
        (with_part("word/document.xml", b"<!DOCTYPE x [<!ENTITY a 'a'>]><x>&a;</x>"), "document_type"),
        (with_part("word/document.xml", b"<x>" + b" " * 20_000_001 + b"</x>"), "too_large"),
        (zipped(unzipped(empty_docx()) | {f"word/{n}": b"" for n in range(1_001)}), "archive"),
    ],
    ids=["vba", "docm", "template", "image", "doctype", "bomb", "entries"],
)
def test_a_word_file_that_does_what_no_form_does_is_not_read(content: bytes, why: str) -> None:
    assert refused(content) == (State.REFUSED, why)


def test_an_address_that_word_made_a_link_of_is_no_danger() -> None:
    content = with_part("word/_rels/document.xml.rels", relationship("hyperlink"))
    assert structured(mail(looked(content))).data == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%%EOF",
        b"%PDF-" + bytes(range(256)) * 50,
        empty_pdf()[:9_000],
        b"PK\x03\x04word/",
        empty_docx()[:5_000],
        zipped({"word/document.xml": b"<x"}),
        zipped({"word/other.xml": b"<x/>"}),
    ],
    ids=["empty", "noise", "cut", "no zip", "cut zip", "no xml", "no body"],
)
def test_a_damaged_file_is_a_value(content: bytes) -> None:
    state, _ = refused(content)
    assert state in (State.DAMAGED, State.OTHER)


def test_what_is_no_document_is_none() -> None:
    plain_zip = zipped({"a.txt": b"x"})
    for content in (b"", b"words", plain_zip, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600):
        assert documents.look(content) is None


def test_a_word_file_in_a_zip_archive_is_left_to_a_person() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("form.docx", filled("word", ANSWERS))
    found = documents.look(out.getvalue())
    assert found is None or found.state is State.DAMAGED


def test_a_json_file_beside_a_locked_one_is_read_and_the_lock_is_told() -> None:
    shut = named(Document("pdf", State.LOCKED), "second child.pdf", "d")
    json = Part("application/json", (), "attachment", "referral.json", b'{"subjects": [{"given_name": "Quillon"}]}')
    both = ParsedMail(parts=(json,), documents=(shut,))
    assert structured(both).data == {"subjects": [{"given_name": "Quillon"}]}
    assert locked(both)
    assert left_out(both) == ("“second child.pdf” is locked: ask whoever sent it for the password",)


def _opendocument(content: bytes) -> bytes:
    """As LibreOffice packs it: first what it is, uncompressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", b"application/vnd.oasis.opendocument.text")
        made.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_an_opendocument_text_is_a_persons_with_its_words_beside_the_original() -> None:
    found = looked(_opendocument(b"<o><p>referral/1 child</p><p>Canary</p></o>"), "form.odt")
    assert (found.kind, found.state, found.why) == ("odt", State.OTHER, "flat")
    assert "printed or saved without its boxes" in left_out(mail(found))[0]
    letter = looked(_opendocument(b"<o><p>She is afraid.</p></o>"))
    assert (letter.state, letter.why, letter.text) == (State.OTHER, "", "She is afraid.")
    bomb = looked(_opendocument(b"<o>" + b" " * 20_000_001))
    assert (bomb.state, bomb.why) == (State.REFUSED, "too_large")


@pytest.mark.parametrize("kind", ["pdf", "word"])
def test_an_nhs_number_with_a_wrong_digit_is_taken_with_little_confidence_and_said(kind: str) -> None:
    for number, sure, said in (("1234567890", MISTYPED, 1), ("999 000 0018", TYPED, 0), ("not known", TYPED, 0)):
        found = structured(mail(looked(filled(kind, {"s1.given_name": "Quillon", "s1.nhs_number": number}))))
        [value] = [one for one in found.values if one.path.endswith(".nhs_number")]
        assert (value.value, value.confidence, len(doubts(found))) == (number, sure, said)
