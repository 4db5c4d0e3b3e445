"""Reconciliation: a provider's file line by line, what it resolves, what it contradicts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from catalog_town import add_person, coins_of, staff
from delivery_steps import assert_delivered_once, change

from catalog.providers.attempting import deliver
from catalog.providers.delivery import TopUpDelivery
from catalog.providers.discrepancy import Discrepancy
from catalog.providers.fetching_files import fetch_due, reconcile_yesterday
from catalog.providers.listing import deliveries_csv
from catalog.providers.provider import Provider
from catalog.providers.reconciling import (
    BadReconciliation,
    DayNotOver,
    reconcile,
    reconcile_lines,
)
from catalog.providers.wire import lines_in
from ledger import balance_of, merchant
from people import Role
from shared.clock import real_now
from shared.errors import NotAllowed

HEADER = "key,status,reference,delivered_at,product\r\n"
YESTERDAY = datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)


def line(key, status="delivered", reference=None, product="data-5gb:ok"):
    reference = f"SP-{key[-10:]}" if reference is None else reference
    return f"{key},{status},{reference},2026-01-01T00:00:00Z,{product}\r\n"


@pytest.fixture
def bring(provider, town):
    """Brings a file of yesterday; the counts of its report."""

    def bring_it(*lines, day=YESTERDAY):
        content = (HEADER + "".join(lines)).encode()
        return reconcile(provider.id, day, content, by=town.officer)

    return bring_it


@pytest.fixture
def fetched(provider):
    """Compares a file of yesterday as one that was fetched; the counts of its report."""

    def fetch_it(*lines, day=YESTERDAY, **more):
        return reconcile_lines(provider, day, lines_in(HEADER + "".join(lines)), **more)

    return fetch_it


@pytest.fixture
def done(top_up):
    """A delivery of yesterday."""

    def deliver_it(manner="ok", **more):
        voucher_id = top_up(manner, **more)
        deliver(voucher_id)
        change(voucher_id, ended_at=real_now() - timedelta(days=1))
        return voucher_id

    return deliver_it


def kinds_of(key):
    return [one.kind.value for one in Discrepancy.objects(key=key, cleared_at=None)]


def test_what_agrees_is_counted_and_the_same_file_is_the_same_report(bring, done):
    key = done()
    report = bring(line(key))
    assert report.counts == {"agrees": 1}
    assert report.lines == []
    assert bring(line(key)).id == report.id


def test_a_line_ends_what_was_unknown(fetched, top_up, sandbox):
    key = top_up("error_delivered")
    deliver(key)
    assert fetched(line(key, product="data-5gb:error_delivered")).counts == {"resolves": 1}
    assert_delivered_once(sandbox, key)
    assert TopUpDelivery.objects.get(id=key).ended_by.value == "file"


def test_a_refusal_in_the_file_gives_the_coins_back(fetched, top_up):
    buyer = add_person(1_000)
    key = top_up("hang_lost", by=buyer)
    deliver(key)
    product = "data-5gb:hang_lost"
    assert fetched(line(key, "refused", "barred", product)).counts == {"resolves": 1}
    assert coins_of(buyer) == 1_000


def test_contradictions_are_noted_and_move_nothing(bring, top_up, done, town):
    refunded, delivered = top_up("refuse"), done()
    deliver(refunded)
    report = bring(
        line(refunded, product="data-5gb:refuse"), line(delivered, "refused"), line("a" * 24)
    )
    assert [one.verdict.value for one in report.lines] == [
        "delivered_after_refund",
        "refused_after_delivery",
        "unknown_key",
        "missing_in_file",
    ][:3]
    assert kinds_of(refunded) == ["delivered_after_refund"]
    assert kinds_of(delivered) == ["refused_after_delivery"]
    assert kinds_of("a" * 24) == ["unknown_key"]
    assert balance_of(merchant(town.point.id)) == 100


def test_what_no_line_names_is_missing_until_a_later_file_names_it(fetched, done):
    key = done()
    report = fetched()
    assert [(one.key, one.verdict.value) for one in report.lines] == [(key, "missing_in_file")]
    assert kinds_of(key) == ["missing_in_file"]
    fetched(line(key), day=YESTERDAY - timedelta(days=1))
    assert kinds_of(key) == []


def test_another_product_is_noted_and_ends_nothing(bring, top_up):
    key = top_up("hang_lost")
    deliver(key)
    assert bring(line(key, product="data-1gb")).counts == {"wrong_product": 1}
    assert TopUpDelivery.objects.get(id=key).state.value == "sent"


def test_a_line_twice_counts_once_and_a_file_that_contradicts_itself_ends_nothing(fetched, top_up):
    once, torn = top_up("hang_lost"), top_up("hang_lost")
    deliver(once)
    deliver(torn)
    product = "data-5gb:hang_lost"
    report = fetched(
        line(once, product=product),
        line(once, product=product),
        line(torn, product=product),
        line(torn, "refused", product=product),
    )
    assert report.counts == {"resolves": 1, "duplicate": 1, "contradicts_itself": 2}
    assert TopUpDelivery.objects.get(id=torn).state.value == "sent"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "header"),
        (b"key;status\r\n", "header"),
        ((HEADER + "a,b\r\n").encode(), "line_2"),
        (b"\xff\xfe", "not_utf8"),
        ((HEADER + '"a,b').encode(), "not_csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(provider, town, content, why):
    with pytest.raises(BadReconciliation) as refusal:
        reconcile(provider.id, YESTERDAY, content, by=town.officer)
    assert refusal.value.facts["why"] == why


def test_today_is_not_over_and_a_stranger_may_not(provider, town):
    today = YESTERDAY + timedelta(days=1)
    with pytest.raises(DayNotOver):
        reconcile(provider.id, today, HEADER.encode(), by=town.officer)
    stranger = staff(Role.CENTRE_OFFICER, town.other_district)
    with pytest.raises(NotAllowed):
        reconcile(provider.id, YESTERDAY, HEADER.encode(), by=stranger)


def test_the_timetable_fetches_each_missing_day_once(provider):
    change_made_at(provider, days=3)
    assert [fetch_due(provider.id) for _ in range(4)][:2] == [True, True]
    Provider.objects.update(unset__next_file_at=1)
    reconcile_yesterday()
    Provider.objects.update(unset__next_file_at=1)
    assert reconcile_yesterday() == 0


def test_a_file_that_cannot_be_had_is_asked_for_again_later(put, provider):
    change_made_at(provider, days=3)
    put("http://127.0.0.1:9", version=provider.version)
    assert reconcile_yesterday() == 0
    assert Provider.objects.get(id=provider.id).next_file_at > real_now()


def test_our_side_as_csv_names_no_phone(done, provider, town):
    key = done()
    text = "".join(deliveries_csv(provider.id, YESTERDAY, by=town.officer))
    assert "13800138000" not in text
    rows = text.split("\r\n")
    assert rows[0].startswith("key,state,reference,product")
    assert rows[1].startswith(f"{key},delivered,SP-")
    assert rows[1].endswith(",answer,100")


def change_made_at(provider, days):
    Provider.objects(id=provider.id).update(set__made_at=real_now() - timedelta(days=days))


def test_a_run_that_is_out_of_time_goes_on_where_it_stopped(fetched, done, monkeypatch):
    monkeypatch.setattr("catalog.providers.reconciling.BATCH", 2)
    keys = [done() for _ in range(5)]
    lines = [line(key) for key in keys]
    steps = []
    for _ in range(4):
        report = fetched(*lines, until_s=0.0)
        steps.append((report.lines_done, report.completed_at is not None))
    assert steps[:2] == [(2, False), (4, False)]
    assert steps[-1] == (5, True)
    assert report.counts == {"agrees": 5}
    assert TopUpDelivery.objects(in_file_of=YESTERDAY.isoformat()).count() == 5
