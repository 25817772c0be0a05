"""Of products and records nothing leaves that may not, and nothing said is lost, in whatever order things happen."""

from __future__ import annotations

from hypothesis import given

from exchange.case.event import (
    Event,
)
from exchange.case.product import (
    OwnersWord,
    Stage,
)
from exchange.case.record import (
    Standing,
)
from exchange.case.releasing import may_leave
from exchange.case.state import (
    Case,
)
from tests.case.happenings import (
    PRODUCTS,
    RECORDS,
    many,
    often,
    sequences,
    throughout,
)
from tests.case.stories import (
    Story,
)


@given(told=sequences(*PRODUCTS))
@often
def test_no_passage_leaves_unless_its_owner_agreed_or_a_manager_overrode_them(told: list[Event]) -> None:
    def held(before: Case, story: Story, event: Event) -> None:
        for sent in story.case.disclosures[len(before.disclosures) :]:
            product = story.case.product(sent.product)
            version = product.version(sent.version) if product else None
            assert product
            assert version
            assert sent.sources == tuple(w.contribution for w in product.of(version))
            assert all(may_leave(before, w) for w in product.of(version))

    throughout(told, held)


@given(told=sequences(*PRODUCTS))
@often
def test_every_owner_a_product_waits_for_has_a_clock_running_or_a_person_who_was_asked(told: list[Event]) -> None:
    waited = (OwnersWord.ASKED, OwnersWord.SILENT, OwnersWord.REFUSED)

    def watched(before: Case, story: Story, event: Event) -> None:
        for written in story.case.products if not story.case.closed else ():
            for passage in written.pending:
                names = [n for n in (*story.clocks, *story.tasks) if n.endswith(f":{written.id}/{passage.id}")]
                assert names or passage.word not in waited, f"{passage.id} is waited for in silence"

    throughout(told, watched)


@given(told=sequences(*PRODUCTS))
@many
def test_of_a_product_nothing_said_written_or_sent_is_ever_lost(told: list[Event]) -> None:
    def grows(before: Case, story: Story, event: Event) -> None:
        for old in before.products:
            new = story.case.product(old.id)
            assert new
            assert [v.id for v in new.versions[: len(old.versions)]] == [v.id for v in old.versions]
            assert all(v.released_at for v in new.versions if v.stage is Stage.RELEASED)
            for was, now in zip(old.passages, new.passages, strict=False):
                assert (now.id, now.contribution) == (was.id, was.contribution)
                assert now.history[: len(was.history)] == was.history
        assert [x.id for x in story.case.disclosures] == [f"x{n + 1}" for n in range(len(story.case.disclosures))]
        assert story.case.withheld[: len(before.withheld)] == before.withheld

    throughout(told, grows)


@given(told=sequences(*RECORDS))
@often
def test_a_record_is_circulated_exactly_while_everybody_on_its_list_has_it_and_never_unapproved(
    told: list[Event],
) -> None:
    def holds(before: Case, story: Story, event: Event) -> None:
        for record in story.case.records:
            assert sum(v.standing in (Standing.APPROVED, Standing.CIRCULATED) for v in record.versions) <= 1
            assert all(v.standing is not Standing.DRAFT for v in record.versions[:-1])
            for version in record.versions:
                copies = record.copies_of(version)
                assert bool(version.approved_by) or not copies
                assert version.approved_by != version.written_by
                there = all(c.reached or story.case.shuts_out(c.agency) for c in copies)
                if version.standing in (Standing.APPROVED, Standing.CIRCULATED):
                    assert (version.standing is Standing.CIRCULATED) is there
            assert record.owed is (f"record:{record.discussion}" in story.clocks)
            for copy in record.copies:
                assert copy.agency == "police" or "n1" not in copy.holds
        for was in before.records:
            now = story.case.record(was.discussion)
            assert now
            assert [v.minutes for v in now.versions[: len(was.versions)]] == [v.minutes for v in was.versions]
            assert [c.holds for c in now.copies[: len(was.copies)]] == [c.holds for c in was.copies]

    throughout(told, holds)
