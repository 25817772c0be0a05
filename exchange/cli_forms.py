"""The command about forms: the referral form as files, for whoever wants to fill it in and mail it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, opened
from exchange.schemas import json_schema, text_template
from exchange.setting_up import SetUpRefused
from templates.languages import ENGLISH, known, speaking
from templates.paper_form import MOST, PEOPLE, SUBJECTS, PaperForm, Publisher, paper_form

cli = App(name="forms", help="The referral form as files to fill in and mail.")


@cli.command
def build(
    directory: Path,
    *,
    subjects: int = SUBJECTS,
    people: int = PEOPLE,
    hub: str = "",
    address: str = "",
    telephone: str = "",
    language: str = ENGLISH,
    config: Config = None,
) -> None:
    """Write the child and the adult form into DIR as fillable PDF, Word document and text, and the JSON Schema.

    The same question list and options give the same octets. With settings (--config or EXCHANGE_CONFIG) the forms
    name the hub, where to send them and whom to ring; without, the options do.

    Parameters
    ----------
    directory
        the folder to write them into
    subjects
        how many children, or adults at risk, one form has room for
    people
        how many of the household, and of others who matter to them
    hub
        the name of the hub, in place of the one in the settings
    address
        where referrals are mailed to, in place of that in the settings
    telephone
        whom to ring, in place of the number in the settings
    language
        of the PDF and the Word document, such as cy; the text and the schema are in English
    """
    for name, number in (("--subjects", subjects), ("--people", people)):
        if not 1 <= number <= MOST:
            raise SetUpRefused(f"{name} {number}: a form has room for 1 to {MOST}; send a second form for more")
    if language not in (codes := [one.code for one in known()]):
        raise SetUpRefused(f"--language {language}: there is no such catalogue; there is {', '.join(codes)}")
    ours = _published(config)
    of = Publisher(hub or ours.hub, address or ours.address, telephone or ours.telephone, ours.duty_telephone)
    directory.mkdir(parents=True, exist_ok=True)
    with speaking(language):
        for form in ("child", "adult"):
            _write(directory, paper_form(form, of, subjects, people))
    _keep(
        directory / "referral.schema.json", json.dumps(json_schema(), indent=2, ensure_ascii=False).encode() + b"\n"
    )


def _write(directory: Path, form: PaperForm) -> None:
    from templates.document import DocumentRefused  # these load what no other command needs
    from templates.pdf_form import pdf_form
    from templates.word_form import word_form

    name = f"referral-{form.form}" + ("" if form.language == ENGLISH else f"-{form.language}")
    try:
        _keep(directory / f"{name}.pdf", pdf_form(form))
    except DocumentRefused:
        raise SetUpRefused("the PDF form cannot be set: write the hub’s name in plain letters (--hub)") from None
    _keep(directory / f"{name}.docx", word_form(form))
    _keep(directory / f"referral-{form.form}.txt", text_template(form.form).encode())


def _keep(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    file.chmod(0o644)  # a form is for everybody
    print(file)


def _published(file: Path | None) -> Publisher:
    """The hub as its settings and its hub file name it; nobody without settings."""
    if file is None and "EXCHANGE_CONFIG" not in os.environ and not Path("exchange.toml").exists():
        return Publisher()

    async def act(exchange: app.Opened) -> Publisher:
        _, rules = await exchange.hub.rules()
        return Publisher(rules.name, exchange.settings.hub_address, rules.telephone, rules.duty_telephone)

    found: Publisher = opened(file, act)
    return found
