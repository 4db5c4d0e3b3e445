"""Importing codes: a file's lines and the stock move together, each code once, repeats add none."""

import threading

import pytest
from catalog_town import staff

from catalog import draft_reward, order_reward, withdraw_reward
from catalog.offering import RewardWithdrawn
from catalog.pools.code_file import CodeFileUnreadable, FlawedLine, LineFlaw
from catalog.pools.importing import LINES_A_BATCH, ImportKeyUsed, NoPool, import_codes
from catalog.pools.pool_code import PoolCode
from catalog.pools.pool_counts import pools_of
from catalog.pools.sealed_codes import opened
from catalog.reward import RewardKind
from catalog.stock import Stock
from people import Role
from shared.errors import NotAllowed
from shared.ids import new_id


def draft(town, kind=RewardKind.TICKET):
    terms = {"title": "电影票", "price": 100, "validity_days": 30, "kind": kind}
    return draft_reward(town.district.id, key=new_id(), by=town.officer, **terms).id


def lines(*codes):
    return "\n".join(["code,valid_until", *codes]).encode()


def bring(town, reward_id, raw, *, point=None, key=None, by=None):
    point_id = (point or town.point).id
    return import_codes(reward_id, point_id, raw, key=key or new_id(), by=by or town.officer)


def stock_of(reward_id, point):
    stock = Stock.objects.get(reward_id=reward_id, point_id=point.id)
    return stock.supplied, stock.available


def test_the_stock_is_supplied_with_what_was_added_and_the_report_tells_the_rest(town):
    reward_id = draft(town)
    report = bring(town, reward_id, lines("FILM-0001,", "FILM-0002,2099-01-01", "bad", "FILM-0001"))
    assert (report.added, report.duplicates, report.bad, report.available) == (2, 1, 1, 2)
    assert report.flawed == [
        FlawedLine(4, LineFlaw.BAD_CODE),
        FlawedLine(5, LineFlaw.DUPLICATE),
    ]
    assert stock_of(reward_id, town.point) == (2, 2)
    assert {opened(code) for code in PoolCode.objects} == {"FILM-0001", "FILM-0002"}


def test_no_code_stands_in_the_database_as_it_is(town):
    bring(town, draft(town), lines("FILM-0001,"))
    assert "FILM-0001" not in str(PoolCode.objects.as_pymongo()[0])


def test_the_same_key_and_file_give_the_same_report_and_add_nothing(town):
    reward_id, key = draft(town), new_id()
    raw = lines("FILM-0001,", "FILM-0002,", "bad")
    first = bring(town, reward_id, raw, key=key)
    assert bring(town, reward_id, raw, key=key) == first
    assert stock_of(reward_id, town.point) == (2, 2)


def test_the_same_file_under_another_key_is_duplicates_alone(town):
    reward_id = draft(town)
    bring(town, reward_id, lines("FILM-0001,", "FILM-0002,"))
    again = bring(town, reward_id, lines("FILM-0002,", "FILM-0001,", "FILM-0003,"))
    assert (again.added, again.duplicates) == (1, 2)
    assert stock_of(reward_id, town.point) == (3, 3)


def test_a_code_of_one_point_is_a_duplicate_at_another(town):
    reward_id = draft(town)
    bring(town, reward_id, lines("FILM-0001,"))
    report = bring(town, reward_id, lines("FILM-0001,"), point=town.far_point)
    assert (report.added, report.duplicates) == (0, 1)
    assert stock_of(reward_id, town.far_point) == (0, 0)


def test_a_point_has_one_code_once_whatever_the_reward(town):
    assert bring(town, draft(town), lines("FILM-0001,")).added == 1
    again = draft(town)
    report = bring(town, again, lines("FILM-0001,", "FILM-0002,"))
    assert (report.added, report.duplicates) == (1, 1)
    assert stock_of(again, town.point) == (1, 1)


def test_rewards_of_two_points_may_have_the_same_code(town):
    assert bring(town, draft(town), lines("FILM-0001,")).added == 1
    assert bring(town, draft(town), lines("FILM-0001,"), point=town.far_point).added == 1


def test_two_rewards_that_bring_one_file_at_once_share_its_codes(town):
    raw = lines(*(f"FILM-{number:04}," for number in range(300)))
    rewards = [draft(town) for _ in range(3)]
    added, start = [], threading.Barrier(3)

    def run(reward_id):
        start.wait()
        added.append(bring(town, reward_id, raw).added)

    threads = [threading.Thread(target=run, args=(one,)) for one in rewards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(added) == 3
    assert sum(added) == 300 == PoolCode.objects.count()


def test_a_file_that_cannot_be_read_does_not_use_up_its_key(town):
    reward_id, key = draft(town), new_id()
    with pytest.raises(CodeFileUnreadable):
        bring(town, reward_id, b"ticket\nFILM-0001\n", key=key)
    assert bring(town, reward_id, lines("FILM-0001,"), key=key).added == 1


def test_a_key_used_for_another_file_or_pool_is_refused(town):
    reward_id, key = draft(town), new_id()
    bring(town, reward_id, lines("FILM-0001,"), key=key)
    with pytest.raises(ImportKeyUsed):
        bring(town, reward_id, lines("FILM-0002,"), key=key)
    with pytest.raises(ImportKeyUsed):
        bring(town, reward_id, lines("FILM-0001,"), key=key, point=town.far_point)
    assert stock_of(reward_id, town.point) == (1, 1)


def test_an_import_cut_off_between_batches_goes_on_with_the_same_report(town, monkeypatch):
    reward_id, key = draft(town), new_id()
    raw = lines(*(f"FILM-{number:04}," for number in range(LINES_A_BATCH + 5)))
    monkeypatch.setattr("catalog.pools.importing._report", None)  # dies after the batches
    with pytest.raises(TypeError):
        bring(town, reward_id, raw, key=key)
    monkeypatch.undo()
    PoolCode.objects(line__gt=LINES_A_BATCH + 1).delete()  # …or before the last one
    Stock.objects.update(set__supplied=LINES_A_BATCH, set__available=LINES_A_BATCH)
    report = bring(town, reward_id, raw, key=key)
    assert (report.added, report.flawed) == (LINES_A_BATCH + 5, [])
    assert stock_of(reward_id, town.point) == (LINES_A_BATCH + 5, LINES_A_BATCH + 5)


@pytest.mark.parametrize("same_point", [True, False])
def test_two_imports_of_one_file_at_once_add_each_code_once(town, same_point):
    reward_id = draft(town)
    raw = lines(*(f"FILM-{number:04}," for number in range(800)))
    reports, start = [], threading.Barrier(4)

    def run(point):
        start.wait()
        reports.append(bring(town, reward_id, raw, point=point))

    points = [town.point, town.point if same_point else town.far_point] * 2
    threads = [threading.Thread(target=run, args=(point,)) for point in points]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 4
    assert sum(report.added for report in reports) == 800 == PoolCode.objects.count()
    assert sum(report.duplicates for report in reports) == 3 * 800
    for stock in Stock.objects(reward_id=reward_id):
        codes = PoolCode.objects(point_id=stock.point_id).count()
        assert (stock.supplied, stock.available) == (codes, codes)


def test_imports_and_orders_at_once_leave_stock_and_pool_alike(town, film, resident):
    reward_id = film("FILM-AAAA,", "FILM-BBBB,")
    buyers = [resident(1_000) for _ in range(6)]
    start = threading.Barrier(7)

    def order(by):
        start.wait()
        order_reward(reward_id, town.point.id, key=new_id(), by=by)

    def add():
        start.wait()
        for batch in range(4):
            bring(town, reward_id, lines(*(f"MORE-{batch}{n:03}," for n in range(20))))

    threads = [threading.Thread(target=add)]
    threads += [threading.Thread(target=order, args=(by,)) for by in buyers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    supplied, available = stock_of(reward_id, town.point)
    (pool,) = pools_of(reward_id, by=town.officer)
    assert supplied == 82
    assert (pool.free, pool.taken) == (available, supplied - available)


def test_only_tickets_have_pools(town):
    with pytest.raises(NoPool):
        bring(town, draft(town, RewardKind.GOODS), lines("FILM-0001,"))


def test_a_withdrawn_reward_takes_no_codes(town):
    reward_id = draft(town)
    withdraw_reward(reward_id, by=town.officer)
    with pytest.raises(RewardWithdrawn):
        bring(town, reward_id, lines("FILM-0001,"))
    assert PoolCode.objects.count() == 0


def test_only_officers_of_the_reward_and_the_point_bring_codes_and_count_them(town):
    reward_id = draft(town)
    elsewhere = staff(Role.CENTRE_OFFICER, town.other_district)
    for by in (elsewhere, town.clerk):
        with pytest.raises(NotAllowed):
            bring(town, reward_id, lines("FILM-0001,"), by=by)
        with pytest.raises(NotAllowed):
            pools_of(reward_id, by=by)
