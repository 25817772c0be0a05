"""The one family of errors that leaves this package: a refusal says why in plain words, and shows no content."""

from __future__ import annotations


class Refused(ValueError):
    """Keys would not do what was asked; the text says why and what to do."""


class SealRefused(Refused):
    """Nothing was sealed, and nothing may go out; the text says why."""
