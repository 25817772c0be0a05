"""Every state of a decline and of a recall has a word for everything that may happen to it."""

from __future__ import annotations

from itertools import product

from exchange.case.lateral_check import (
    DECLINE_TABLE,
    RECALL_TABLE,
    Decline,
    DeclineNews,
    Recall,
    RecallNews,
)

BY_AGENCIES = {DeclineNews.DECLINED, DeclineNews.ANSWERED}
BY_OTHERS = {RecallNews.LEFT, RecallNews.DELETED}


def test_every_pair_has_its_row() -> None:
    assert set(DECLINE_TABLE) == set(product(Decline, DeclineNews))
    assert set(RECALL_TABLE) == set(product(Recall, RecallNews))


def test_what_an_agency_or_a_server_does_is_never_refused() -> None:
    assert all(after is not None for (_, news), after in DECLINE_TABLE.items() if news in BY_AGENCIES)
    assert all(after is not None for (_, news), after in RECALL_TABLE.items() if news in BY_OTHERS)


def test_only_a_persons_act_ends_an_open_decline() -> None:
    ends = {news: DECLINE_TABLE[Decline.OPEN, news] for news in DeclineNews}
    assert ends == {
        DeclineNews.DECLINED: Decline.OPEN,
        DeclineNews.ANSWERED: Decline.NONE,
        DeclineNews.REROUTED: Decline.REROUTED,
        DeclineNews.MORE_GIVEN: Decline.MORE_GIVEN,
        DeclineNews.SETTLED: Decline.SETTLED,
    }


def test_only_who_was_asked_to_delete_can_confirm_and_nothing_takes_it_back() -> None:
    assert [state for state in Recall if RECALL_TABLE[state, RecallNews.DELETED] is Recall.CONFIRMED] == [
        Recall.RECALLED,
        Recall.CONFIRMED,
    ]
    assert {RECALL_TABLE[Recall.CONFIRMED, news] for news in BY_OTHERS} == {Recall.CONFIRMED}
