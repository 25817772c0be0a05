"""`exchange forms build` writes every form, and `exchange mail explain` tells what was read of a filled-in one."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from exchange.cli_forms import build
from exchange.demo.actors.mail_client import MailClient
from exchange.explaining import as_text, explainer, schema
from exchange.setting_up import SetUpRefused
from tests.mailflow.open_document import as_odt
from tests.mailflow.paper import empty_docx, empty_pdf, filled_docx, filled_pdf, unzipped

ANSWERS = {"concern.what_happened": "A worry", "s1.given_name": "Quillon", "s2.date_of_birth": "1/4/2019"}


def mail(files: dict[str, bytes]) -> bytes:
    return MailClient("nora@housing.example").plain("hub@hub.example", "Referral", "See attached", files)


async def test_explain_tells_each_value_with_its_source_and_how_sure_it_is() -> None:
    raw = mail({"a.docx": filled_docx(ANSWERS), "b.pdf": empty_pdf(people=1)})
    async with explainer(None, "127.0.0.1:9") as here:
        told = await here.explain(raw)
    jsonschema.validate({"file": "x", **told}, schema())
    fields = {f["field"]: f for f in told["fields"]}
    assert told["kind"] == "referral"
    assert fields["subjects.2.date_of_birth"] == {
        "field": "subjects.2.date_of_birth", "value": "2019-04-01", "confidence": 0.7,
        "source": "“a.docx”, box s2.date_of_birth", "written": "1/4/2019",
    }  # fmt: skip
    assert fields["subjects.1.given_name"]["confidence"] == 0.9
    assert "“b.pdf” is our form without one answer" in told["fields_problem"]
    assert told["then"].endswith("a person compares what was read with the form")
    shown = as_text("x", told)
    assert "  subjects.2.date_of_birth: 2019-04-01 (0.70, “a.docx”, box s2.date_of_birth)" in shown
    assert "  not read: “b.pdf” is our form" in shown


async def test_explain_tells_of_a_form_in_an_opendocument_text_that_a_person_compares_it() -> None:
    async with explainer(None, "127.0.0.1:9") as here:
        told = await here.explain(mail({"a.odt": as_odt(filled_docx(ANSWERS))}))
    assert told["kind"] == "referral"
    fields = {f["field"]: (f["value"], f["confidence"], f["source"]) for f in told["fields"]}
    assert fields["subjects.1.given_name"] == ("Quillon", 0.6, "“a.odt”, box s1.given_name")
    assert fields["concern.what_happened"][:2] == ("A worry", 0.6)
    assert "“a.odt” was saved by another program than Word" in told["fields_problem"]
    assert told["then"].endswith("a person compares what was read with the form")


def test_every_form_is_written_and_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("EXCHANGE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "a", subjects=1, people=1, hub="Fakeshire hub", telephone="01632 960100")
    build(tmp_path / "b", subjects=1, people=1, hub="Fakeshire hub", telephone="01632 960100")
    files = sorted(file.name for file in (tmp_path / "a").iterdir())
    assert files == [
        "referral-adult.docx", "referral-adult.pdf", "referral-adult.txt", "referral-child.docx",
        "referral-child.pdf", "referral-child.txt", "referral.schema.json",
    ]  # fmt: skip
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(files)
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert json.loads((tmp_path / "a" / "referral.schema.json").read_text())["required"] == ["subjects"]
    words = unzipped((tmp_path / "a" / "referral-adult.docx").read_bytes())["word/document.xml"].decode()
    assert "Fakeshire hub" in words
    build(tmp_path / "c")
    assert (tmp_path / "c" / "referral-child.docx").read_bytes() == empty_docx()
    assert (tmp_path / "c" / "referral-child.pdf").read_bytes() == empty_pdf()


async def test_a_form_in_welsh_is_read_as_the_same_referral() -> None:
    said = {"concern.what_happened": "Pryder", "s1.given_name": "Quillon", "s1.sex": "Benyw"}
    pdf = filled_pdf(said, people=1, language="cy")
    word = filled_docx(said | {"s1.category.neglect": "yes"}, language="cy")
    words = unzipped(word)["word/document.xml"].decode()
    for english in ("Click here", "No answer", "Choose", "Not known", "Your name", "en-GB", "Form version"):
        assert english not in words
    assert "Atgyfeiriad diogelu: plentyn" in words
    async with explainer(None, "127.0.0.1:9") as here:
        for name, form in (("cy.docx", word), ("cy.pdf", pdf)):
            told = await here.explain(mail({name: form}))
            fields = {f["field"]: f["value"] for f in told["fields"]}
            assert fields["concern.what_happened"] == "Pryder"
            assert fields["subjects.1.sex"] == "female"


def test_a_form_in_a_language_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetUpRefused, match="--language xx: there is no such catalogue; there is en, cy"):
        build(tmp_path, language="xx")


def test_a_form_for_too_many_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetUpRefused, match="--subjects 11: a form has room for 1 to 10; send a second form for more"):
        build(tmp_path, subjects=11)
