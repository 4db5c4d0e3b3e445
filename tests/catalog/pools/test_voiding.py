"""Voiding: a code whose time is over leaves pool and stock together, a taken one stays."""

from datetime import timedelta

import pytest
from catalog_town import staff

from catalog import OutOfStock, cancel_voucher, order_reward
from catalog.pools.code_file import SERVES_AT_LEAST
from catalog.pools.importing import import_codes
from catalog.pools.pool_code import PoolCode, PoolCodeState
from catalog.pools.pool_counts import pools_of
from catalog.pools.voiding import CODES_A_BATCH, void_codes, void_overdue_codes
from catalog.stock import Stock
from people import Role
from shared.clock import real_now
from shared.errors import NotAllowed
from shared.ids import new_id


def let_end(*, state=PoolCodeState.FREE):
    PoolCode.objects(state=state).update(set__valid_until=real_now() - timedelta(seconds=1))


def stock():
    found = Stock.objects.get()
    return found.supplied, found.available


def test_free_codes_past_their_end_leave_the_stock_with_them(town, film):
    film("FILM-0001,2099-01-01", "FILM-0002,2099-01-01", "FILM-0003,")
    PoolCode.objects(valid_until__ne=None).update(
        set__valid_until=real_now() - timedelta(seconds=1)
    )
    void_overdue_codes()
    assert void_overdue_codes() == 0
    assert stock() == (1, 1)
    assert PoolCode.objects(state=PoolCodeState.VOID).count() == 2


def test_more_than_a_batch_goes_in_one_run(town, film):
    reward_id = film(*(f"FILM-{number:04},2099-01-01" for number in range(CODES_A_BATCH + 3)))
    let_end()
    assert void_overdue_codes() == 2
    assert stock() == (0, 0)
    (pool,) = pools_of(reward_id, by=town.officer)
    assert (pool.free, pool.void, pool.soonest_end) == (0, CODES_A_BATCH + 3, None)


def test_a_taken_code_is_voided_once_its_voucher_gave_it_back(town, film, resident):
    buyer = resident(500)
    ticket = order_reward(film("FILM-0001,2099-01-01"), town.point.id, key=new_id(), by=buyer)
    let_end(state=PoolCodeState.TAKEN)
    assert void_overdue_codes() == 0
    assert stock() == (1, 0)
    cancel_voucher(ticket.id, by=buyer)
    assert void_overdue_codes() == 1
    assert stock() == (0, 0)


def test_between_its_end_and_the_pass_a_code_is_not_sold(town, film, resident):
    reward_id = film("FILM-0001,2099-01-01")
    let_end()
    with pytest.raises(OutOfStock):
        order_reward(reward_id, town.point.id, key=new_id(), by=resident(500))
    assert stock() == (1, 1)


def test_a_code_that_ends_within_a_day_is_voided_ahead(town, film):
    film("FILM-0001,2099-01-01", "FILM-0002,2099-01-01")
    code = PoolCode.objects.first()
    soon = real_now() + SERVES_AT_LEAST - timedelta(minutes=1)
    PoolCode.objects(id=code.id).update(set__valid_until=soon)
    assert void_overdue_codes() == 1
    assert stock() == (1, 1)


def bring(town, reward_id, *lines, key=None):
    raw = "\n".join(["code,valid_until", *lines]).encode()
    return import_codes(reward_id, town.point.id, raw, key=key or new_id(), by=town.officer)


def test_an_officer_takes_free_codes_out_and_they_can_be_brought_again(town, film, resident):
    reward_id = film("FILM-0001,", "FILM-0002,")
    order_reward(reward_id, town.point.id, key=new_id(), by=resident(500))
    assert void_codes(reward_id, town.point.id, by=town.officer) == (1, 0)
    assert void_codes(reward_id, town.point.id, by=town.officer) == (0, 0)
    assert stock() == (1, 0)
    report = bring(town, reward_id, "FILM-0001,", "FILM-0002,")
    assert (report.added, report.duplicates) == (1, 1)
    assert stock() == (2, 1)


def test_only_the_codes_of_one_import_go_and_its_repeat_does_not_bring_them_back(town, film):
    reward_id, key = film("FILM-0001,"), new_id()
    wrong = bring(town, reward_id, "OTHER-0001,", "OTHER-0002,", key=key)
    voided = void_codes(reward_id, town.point.id, import_id=wrong.import_id, by=town.officer)
    assert voided == (2, 0)
    bring(town, reward_id, "OTHER-0001,", "OTHER-0002,", key=key)
    assert stock() == (1, 1)


def test_only_officers_of_the_pool_take_codes_out(town, film):
    reward_id = film("FILM-0001,")
    for by in (town.clerk, staff(Role.CENTRE_OFFICER, town.other_district)):
        with pytest.raises(NotAllowed):
            void_codes(reward_id, town.point.id, by=by)
    assert stock() == (1, 1)
