"""Two acts that ask for the same have ids and names of their own, and every label and hint leads to its control."""

from __future__ import annotations

import re

from exchange.web.element_ids import OwnIds

REASON = (
    '<label class="x" for="reason">Reason</label><div id="reason-hint">Why?</div>'
    '<textarea id="reason" name="reason" aria-describedby="reason-hint reason-error">id=&#34;mine&#34;</textarea>'
)


def test_the_same_form_twice_has_no_id_twice() -> None:
    own = OwnIds()
    page = own(REASON, "rate") + own(REASON, "ask") + own(REASON, "ask")
    ids = re.findall(r' id="([^"]+)"', page)
    assert ids == [f"{form}-reason{end}" for form in ("rate", "ask", "ask-2") for end in ("-hint", "")]
    assert re.findall(r' name="([^"]+)"', page) == ["rate.reason", "ask.reason", "ask.reason"]


def test_labels_and_hints_follow_and_words_stay_as_they_were_typed() -> None:
    made = OwnIds()(REASON, "rate")
    assert 'for="rate-reason"' in made
    assert 'aria-describedby="rate-reason-hint rate-reason-error"' in made
    assert "id=&#34;mine&#34;" in made


def test_what_is_sent_anyhow_is_named_otherwise_than_what_somebody_gave() -> None:
    inside = (
        '<select class="x" id="who" name="who"></select><input type="hidden" name="key" value="k">'
        '<input class="x" id="routes" name="routes" type="checkbox" value="a" checked>'
        '<input class="x" id="routes-2" name="routes" type="checkbox" value="b">'
    )
    names = re.compile(r' name="([^"]+)"')
    assert names.findall(OwnIds()(inside, "act-2")) == ["act-2:who", "act-2:key", "act-2:routes", "act-2.routes"]
    assert names.findall(OwnIds()(inside, "act-2", again=True))[2] == "act-2.routes"
