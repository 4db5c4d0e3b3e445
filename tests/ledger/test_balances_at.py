"""Balances of the past: by effective date, as known then, and never more read than needed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import (
    AccountNotFound,
    Entry,
    NotYetKnown,
    balance_at,
    balance_of,
    budget,
    close_month,
    expired,
    issued,
    post_one,
    voucher,
    wallet,
)
from shared.clock import business_month, business_month_start, month_later, real_now
from tests.ledger.past_book import PastBook, examined, profiled

SOURCE = issued("350102", 2026)
PURSE = budget("u1", 2026)
P1 = wallet("p1")
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def book():
    book = PastBook()
    yield book
    book.take_away()


def on(month, day, hour=0):
    return datetime(2026, month, day, hour, tzinfo=UTC)


class TestByEffectiveDate:
    def test_an_account_never_used_held_nothing(self):
        assert balance_at(P1, at=START) == 0

    @pytest.mark.parametrize("account", [P1, PURSE, SOURCE])
    def test_an_entry_counts_from_its_date_on_and_not_before(self, book, account):
        book.write(100, SOURCE, PURSE, START)
        book.write(40, PURSE, P1, START + DAY, START + 5 * DAY)
        for moment in (START, START + DAY, START + 3 * DAY):
            for shift in (-1, 0, 1):
                at = moment + timedelta(milliseconds=shift)
                assert balance_at(account, at=at) == book.recount(account, at)

    def test_now_is_what_the_account_holds(self, book):
        book.write(100, SOURCE, PURSE, START)
        assert balance_at(PURSE) == balance_at(PURSE, at=real_now()) == balance_of(PURSE) == 100

    def test_currencies_are_kept_apart(self, book):
        book.write(100, SOURCE, PURSE, START)
        book.write(7, SOURCE, PURSE, START, currency="CNY")
        assert (balance_at(PURSE, at=START), balance_at(PURSE, "CNY", START)) == (100, 7)

    def test_what_is_asked_in_another_time_zone_is_the_same_moment(self, book):
        book.write(100, SOURCE, PURSE, datetime.fromisoformat("2026-03-01T08:00:00+08:00"))
        assert balance_at(PURSE, at=START) == 100
        assert balance_at(PURSE, at=START - DAY) == 0


class TestAsKnownThen:
    def test_a_back_dated_entry_was_not_known_before_it_was_posted(self, book):
        book.write(100, SOURCE, PURSE, START, START + 10 * DAY)
        assert balance_at(PURSE, at=START + DAY) == 100
        assert balance_at(PURSE, at=START + DAY, known_at=START + 9 * DAY) == 0
        assert balance_at(PURSE, at=START + DAY, known_at=START + 10 * DAY) == 100
        assert balance_at(PURSE, known_at=START + 9 * DAY) == 0

    def test_a_month_closed_since_was_not_complete_then(self, book):
        book.write(100, SOURCE, PURSE, on(3, 5))
        book.write(11, SOURCE, PURSE, on(3, 5), on(4, 2))
        book.close("2026-03", on(4, 5))
        assert balance_at(PURSE, at=on(4, 1)) == 111
        assert balance_at(PURSE, at=on(4, 1), known_at=on(4, 1)) == 100
        assert balance_at(SOURCE, at=on(4, 1), known_at=on(4, 1)) == -100
        assert balance_at(SOURCE, at=on(4, 6), known_at=on(4, 6)) == -111


class TestRefusals:
    @pytest.mark.parametrize("name", ["purse:p1", "wallet", "wallet:a:b", ""])
    def test_what_is_no_name_of_an_account_held_nothing_ever(self, name):
        with pytest.raises(AccountNotFound):
            balance_at(name, at=START)

    @pytest.mark.parametrize("field", ["at", "known_at"])
    def test_a_moment_that_has_not_come_is_refused_by_name(self, field):
        with pytest.raises(NotYetKnown) as refusal:
            balance_at(P1, **{field: real_now() + timedelta(seconds=5)})
        assert refusal.value.field == field


class TestFromClosedMonths:
    @pytest.fixture
    def year(self, book):
        """Three months closed, a fourth open; an entry a day, the tenth posted three days late."""
        for number in range(120):
            at = START + number * DAY
            late = at + 3 * DAY if at.day == 10 else at
            book.write(1000, SOURCE, PURSE, at, late)
            book.write(number + 1, PURSE, P1, at, late)
        for month in (3, 4, 5):
            book.close(f"2026-{month:02d}", on(month + 1, 5))
        return book

    @pytest.mark.parametrize("account", [SOURCE, PURSE, P1])
    @pytest.mark.parametrize("known", [None, on(4, 3), on(4, 20), on(6, 10)])
    def test_every_week_of_it_is_as_recounted(self, year, account, known):
        moments = [on(2, 20) + weeks * 7 * DAY for weeks in range(20)]
        told = [balance_at(account, at=at, known_at=known) for at in moments]
        assert told == [year.recount(account, at, known) for at in moments]

    @pytest.mark.parametrize("account", [SOURCE, P1])
    @pytest.mark.parametrize(("at", "most"), [(on(3, 29), 7), (on(4, 27), 8), (on(6, 3), 28)])
    def test_the_nearer_month_end_is_taken(self, year, account, at, most):
        with profiled() as records:
            told = balance_at(account, at=at)
        assert told == year.recount(account, at)
        assert examined(records, Entry) <= most

    def test_what_issued_coins_come_to_now_needs_the_open_month_only(self, year):
        with profiled() as records:
            assert balance_of(SOURCE) == -120_000
        assert examined(records, Entry) == sum(
            entry["posted_at"] >= business_month_start("2026-06")
            for entry in year.entries
            if entry["legs"][0]["account"] == SOURCE
        )

    def test_a_month_whose_balances_are_not_stored_yet_is_not_stood_on(self, book):
        book.write(100, SOURCE, PURSE, on(3, 5))
        book.write(11, SOURCE, PURSE, on(4, 5))
        book.close("2026-03", on(4, 6), stored=False)
        assert balance_of(SOURCE) == balance_at(SOURCE, at=on(4, 6)) == -111
        assert balance_at(SOURCE, at=on(3, 20)) == -100

    def test_a_month_closed_by_an_officer_is_stood_on(self, funded, moving):
        last = month_later(business_month(real_now()), -1)
        inside = business_month_start(last) + DAY
        if real_now() < business_month_start(month_later(last, 1)) + timedelta(minutes=6):
            pytest.skip("the month cannot be closed in its first minutes")
        post_one(moving(100, SOURCE, PURSE, effective_at=inside))
        post_one(moving(30, PURSE, P1, effective_at=inside + DAY))
        close_month(last, by_id="o1")
        post_one(moving(4, P1, voucher("v1")))
        assert [balance_at(one, at=inside) for one in (SOURCE, PURSE, P1)] == [-100, 100, 0]
        assert [balance_at(one, at=inside + DAY) for one in (SOURCE, PURSE, P1)] == [-100, 70, 30]
        assert [balance_of(one) for one in (SOURCE, PURSE, P1)] == [-100, 70, 26]
        assert balance_at(P1, at=inside + DAY, known_at=inside + DAY) == 0


# ---- any book against a plain recount

MINUTES = 60 * 24 * 90
moves = st.lists(
    st.tuples(
        st.sampled_from([(SOURCE, PURSE), (PURSE, P1), (P1, voucher("v1")), (P1, expired())]),
        st.integers(1, 50),
        st.integers(0, MINUTES),
        st.one_of(st.just(0), st.integers(0, 60 * 24 * 40)),
    ),
    max_size=14,
)
moments = st.one_of(
    st.none(),
    st.integers(-10, MINUTES + 60 * 24 * 45).map(lambda m: START + m * timedelta(minutes=1)),
)


@given(moves, st.integers(0, 3), st.lists(st.tuples(moments, moments), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_back_dated_book_is_as_recounted(moved, closings, asked):
    book = PastBook()
    closed = {f"2026-{month:02d}": on(month + 1, 5) for month in range(3, 3 + closings)}
    written = [(10_000, SOURCE, PURSE, START - DAY, START - DAY), (5_000, PURSE, P1, START, START)]
    for (source, target), coins, minute, late in moved:
        at = START + minute * timedelta(minutes=1)
        posted_at = at + late * timedelta(minutes=1)
        written.append(
            (coins, source, target, at, min(posted_at, closed.get(business_month(at), posted_at)))
        )
    try:
        book.write_all(written)
        for month, closed_at in closed.items():
            book.close(month, closed_at)
        for account in (SOURCE, PURSE, P1, expired()):
            for at, known_at in asked:
                told = balance_at(account, at=at, known_at=known_at)
                assert told == book.recount(account, at, known_at), (account, at, known_at)
    finally:
        book.take_away()
