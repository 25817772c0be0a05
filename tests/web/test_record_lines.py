"""Lines of the record are read by people: no brackets and quotation marks of a program, and nothing about nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from exchange.web.admin import facts

LONDON = ZoneInfo("Europe/London")


def test_facts_are_said_in_words() -> None:
    of = {
        "subjects": [{"id": "s1", "form": "child", "streams": []}, {"id": "s2", "form": "adult", "streams": ["csa"]}],
        "danger": False, "read": True, "until": None, "restricted": [], "owner": "", "tries": 0,
        "fingerprint": "AB" * 20, "keep_from": ["police", "health"],
    }  # fmt: skip
    assert facts(of, LONDON) == (
        "subjects (id s1; form child), (id s2; form adult; streams csa); danger no; read yes; tries 0; "
        "fingerprint …ABABABAB; keep from police, health"
    )
    assert facts({}, LONDON) == ""


def test_times_stand_in_one_form_by_the_clock_here() -> None:
    of = {"due": "2026-07-01T21:13:05.123456+00:00", "since": "2026-11-27T08:00:00Z", "day": "2026-11-27"}
    assert facts(of, LONDON) == "due 2026-07-01 22:13:05; since 2026-11-27 08:00:00; day 2026-11-27"
