"""Lines of the record are read by people: no brackets and quotation marks of a program, and nothing about nothing."""

from __future__ import annotations

from exchange.web.admin import facts


def test_facts_are_said_in_words() -> None:
    of = {
        "subjects": [{"id": "s1", "form": "child", "streams": []}, {"id": "s2", "form": "adult", "streams": ["csa"]}],
        "danger": False, "read": True, "until": None, "restricted": [], "owner": "", "tries": 0,
        "fingerprint": "AB" * 20, "keep_from": ["police", "health"],
    }  # fmt: skip
    assert facts(of) == (
        "subjects (id s1; form child), (id s2; form adult; streams csa); danger no; read yes; tries 0; "
        "fingerprint …ABABABAB; keep from police, health"
    )
    assert facts({}) == ""
