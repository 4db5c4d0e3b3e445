"""Of what verified work was paid: for time or by the piece, per kind and month, of a subtree."""

from datetime import UTC, datetime, timedelta

import pytest

from fixtures.factories import staff
from insights import BadShareSpan, TooMuchToShare, pay_shares, reading_pay
from people import Role, UnitNotFound
from shared.errors import NotAllowed
from shared.ids import new_id, random_id
from tests.worked import past_task, withdraw, work

SINCE = datetime(2026, 9, 1, tzinfo=UTC)
UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HALF = [
    {"part": "base", "coins": 20, "en": "Base", "zh-CN": "基础"},
    {"part": "time", "coins": 60, "en": "Time", "zh-CN": "时间"},
    {"part": "night", "coins": 40, "en": "Night", "zh-CN": "夜间"},
]


@pytest.fixture
def auditor(town):
    return staff(Role.AUDITOR, at=town.city)


def done(unit, *, starts_at=SINCE + DAY, breakdown=None, kind="patrol", coins=100, **more):
    breakdown = breakdown or [{"part": "time", "coins": coins, "en": "T", "zh-CN": "时"}]
    task = past_task(unit, starts_at=starts_at, kind=kind, coins=coins, breakdown=breakdown)
    return work(random_id(), task, starts_at=starts_at, coins=coins, **more)


def shares(unit, by, since=SINCE, until=UNTIL):
    return pay_shares(unit.id, since=since, until=until, by=by)


def test_kinds_and_months_sum_to_the_whole(town, auditor):
    done(town.street)
    done(town.street, breakdown=HALF, coins=120)
    done(town.district, kind="care_visit", breakdown=HALF[:1], coins=20, hours=1.0, km=0.0)
    done(town.street, starts_at=SINCE + 40 * DAY, breakdown=HALF, coins=120, paid_coins=60)
    found = shares(town.district, auditor)
    total = found.total
    assert (total.count, total.coins, total.time, total.piece) == (4, 300, 235, 65)
    assert total.time_share == pytest.approx(235 / 300)
    assert (total.seconds, total.metres) == (7 * 3_600, 9_000)
    assert [(one.name, one.coins) for one in found.kinds] == [("care_visit", 20), ("patrol", 280)]
    assert [(one.name, one.time, one.piece) for one in found.months] == [
        ("2026-09", 190, 50),
        ("2026-10", 45, 15),
    ]


def test_only_verified_work_of_the_units_below_in_the_span_counts(town, auditor):
    done(town.street)
    done(town.city)
    done(town.street, starts_at=UNTIL)
    done(town.street, starts_at=SINCE - DAY)
    withdraw(done(town.street))
    done(town.street, state="in_review")
    done(town.street, on_duty=True, paid_coins=0)
    assert shares(town.district, auditor).total.count == 1
    assert shares(town.city, auditor).total.count == 2


def test_a_month_is_one_of_the_street(town, auditor):
    done(town.street, starts_at=datetime(2026, 9, 30, 16, 30, tzinfo=UTC))
    assert [one.name for one in shares(town.city, auditor).months] == ["2026-10"]


def test_old_lines_without_parts_stay_apart(town, auditor):
    done(town.street, breakdown=[{"coins": 100, "en": "Base", "zh-CN": "基础"}])
    total = shares(town.city, auditor).total
    assert (total.coins, total.unsaid, total.time_share) == (100, 100, None)


def test_steps_do_not_show(town, auditor, monkeypatch):
    monkeypatch.setattr("insights.reading_pay.STEP", 2)
    for _ in range(5):
        done(town.street)
    assert shares(town.city, auditor).total.count == 5


def test_more_than_is_read_while_somebody_waits_is_refused(town, auditor, monkeypatch):
    monkeypatch.setattr(reading_pay, "MOST_WORK", 2)
    for _ in range(2):
        done(town.street)
    assert shares(town.city, auditor).total.count == 2
    done(town.district)
    with pytest.raises(TooMuchToShare, match="More than 2 participations"):
        shares(town.city, auditor)
    assert shares(town.street, auditor).total.count == 2


def test_without_a_span_it_is_the_last_quarter_of_a_year(town, auditor):
    found = pay_shares(town.city.id, by=auditor)
    assert found.until - found.since == timedelta(days=91)


@pytest.mark.parametrize("until", [SINCE, SINCE - DAY, SINCE + 367 * DAY])
def test_refuses_a_span_of_nothing_or_too_long(town, auditor, until):
    with pytest.raises(BadShareSpan):
        shares(town.city, auditor, until=until)


def test_is_not_for_everybody(town, auditor):
    for by in (staff(Role.CLERK, at=town.point), staff(Role.CENTRE_OFFICER, at=town.street)):
        with pytest.raises(NotAllowed):
            shares(town.district, by)
    with pytest.raises(UnitNotFound):
        pay_shares(new_id(), by=auditor)
