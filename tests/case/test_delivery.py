"""Every state of a packet's mail answers every piece of news, however late it comes."""

from __future__ import annotations

import pytest

from exchange.case.delivery import FAILED, TABLE, Delivery, News, by


def heard(*news: News, start: Delivery = Delivery.TO_SEAL) -> Delivery:
    state = start
    for one in news:
        state = TABLE[state, one]
    return state


def test_nothing_a_mail_server_says_is_without_an_answer() -> None:
    assert set(TABLE) == {(state, news) for state in Delivery for news in News}


@pytest.mark.parametrize(
    ("story", "end"),
    [
        ((News.KEPT, News.ACCEPTED, News.DELIVERED), Delivery.DELIVERED),
        ((News.KEPT, News.ACCEPTED, News.DELIVERED, News.BOUNCED), Delivery.BOUNCED),  # days later
        ((News.KEPT, News.DEFERRED, News.DEFERRED, News.ACCEPTED), Delivery.ACCEPTED),
        ((News.KEPT, News.DEFERRED, News.REFUSED), Delivery.REFUSED),
        ((News.KEPT, News.UNCERTAIN, News.DELIVERED, News.ACCEPTED), Delivery.DELIVERED),  # the second copy
        ((News.KEPT, News.UNCERTAIN, News.DELIVERED, News.REFUSED), Delivery.DELIVERED),
        ((News.KEPT, News.ACCEPTED, News.KEPT), Delivery.ACCEPTED),  # a worker that crashed after sealing
        ((News.KEPT, News.REFUSED, News.DELIVERED), Delivery.DELIVERED),  # a report after the retry was given up
        ((News.HELD, News.KEPT, News.ACCEPTED), Delivery.ACCEPTED),  # the key came
        ((News.ACCEPTED, News.BOUNCED, News.DELIVERED), Delivery.BOUNCED),  # somebody else of the alias has it
        ((News.ACCEPTED, News.BOUNCED, News.ACCEPTED), Delivery.ACCEPTED),  # sent anew
        ((News.KEPT, News.ACCEPTED, News.FETCHED, News.BOUNCED), Delivery.FETCHED),  # the notice; the letter was read
        ((News.KEPT, News.ACCEPTED, News.EXPIRED, News.DELIVERED), Delivery.EXPIRED),
        ((News.KEPT, News.ACCEPTED, News.EXPIRED, News.FETCHED), Delivery.FETCHED),  # in the same moment
        ((News.KEPT, News.BOUNCED, News.EXPIRED), Delivery.BOUNCED),
        ((News.KEPT, News.ACCEPTED, News.EXPIRED, News.KEPT), Delivery.KEPT),  # asked for again
    ],
)
def test_the_mail_of_a_packet_tells_its_story(story: tuple[News, ...], end: Delivery) -> None:
    assert heard(*story) is end


@pytest.mark.parametrize("state", list(Delivery))
def test_still_trying_and_handed_on_change_nothing_and_a_bounce_always_counts(state: Delivery) -> None:
    assert heard(News.DELAYED, start=state) is state
    assert heard(News.RELAYED, start=state) is state
    assert heard(News.BOUNCED, start=state) in FAILED or state is Delivery.FETCHED  # who has read it, has it


@pytest.mark.parametrize(
    ("news", "left"),
    [
        (News.KEPT, False),
        (News.HELD, False),
        (News.DEFERRED, False),
        (News.REFUSED, False),
        (News.ACCEPTED, True),
        (News.DELIVERED, True),
        (News.BOUNCED, True),
    ],
)
def test_mail_taken_back_stays_so_unless_a_server_had_it_all_the_same(news: News, left: bool) -> None:
    assert (heard(news, start=Delivery.WITHDRAWN) is not Delivery.WITHDRAWN) is left


@pytest.mark.parametrize(("state", "news"), TABLE)
def test_the_same_news_twice_is_no_news(state: Delivery, news: News) -> None:
    assert heard(news, news, start=state) is heard(news, start=state)


def test_the_transport_of_a_letter_is_what_we_say_of_it_and_no_mail_system_tells_another() -> None:
    transport = ""
    for news, named in ((News.KEPT, "openpgp"), (News.ACCEPTED, "tls"), (News.DELIVERED, ""), (News.BOUNCED, "")):
        transport = by(transport, news, named)
    assert transport == "tls"
    assert by(transport, News.HELD, "") == ""  # the next time there was none for it
