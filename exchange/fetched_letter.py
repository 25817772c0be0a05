"""A letter as the pick-up page shows it: its words, its files, and where and with which code it is answered."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any

from exchange.case.sealed import Plain
from mailflow.compose import Attachment
from templates import letters
from templates.addressed import Answering
from templates.letters import ALetter, Written


@dataclass(frozen=True, slots=True)
class FetchedLetter:
    """What is read on the page."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    files: tuple[Attachment, ...]
    page: str = field(repr=False)  # where it is answered; "" for what asks nothing
    code: str = field(repr=False)  # of the letter: whoever has fetched it, has it

    @classmethod
    def of(cls, told: ALetter, words: Written, files: tuple[Attachment, ...]) -> FetchedLetter:
        """The letter, written."""
        answering = getattr(told, "answering", None)
        if not isinstance(answering, Answering):
            return cls(words.subject, letters.as_page(told), files, "", "")
        here: Any = {"answering": replace(answering, by_mail=False)}  # whoever reads it has no mail to reply to
        return cls(words.subject, letters.as_page(replace(told, **here)), files, answering.page, answering.code)

    def data(self) -> Plain:
        """As it is kept."""
        files = [(f.name, f.content_type, base64.b64encode(f.content).decode()) for f in self.files]
        told = {"subject": self.subject, "text": self.text, "files": files, "page": self.page, "code": self.code}
        return Plain(json.dumps(told, ensure_ascii=False).encode())

    @classmethod
    def read(cls, kept: bytes) -> FetchedLetter:
        """The same again."""
        told = json.loads(kept)
        files = tuple(Attachment(name, kind, base64.b64decode(content)) for name, kind, content in told["files"])
        return cls(told["subject"], told["text"], files, told["page"], told["code"])
