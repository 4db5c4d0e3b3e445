"""Weather warnings: who declares them, over whom they hold, how they end, and their record."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from people import ChangeRecord, Role, UnitNotFound, WhyMissing
from rates import (
    BadWarningTime,
    NoWeather,
    WarningKeyUsed,
    WarningNotFound,
    WarningOver,
    WeatherWarning,
    declare_weather,
    end_weather,
    warnings_page,
    weather_over,
)
from rates.rate_card import Occasion
from shared.clock import now, pretending, stored
from shared.errors import NotAllowed
from shared.ids import new_id
from tests.racing import at_once

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def span():
    start = stored(now() + HOUR)
    return SimpleNamespace(start=start, end=start + 6 * HOUR)


def declared(unit, span, by, *, occasion=Occasion.HEAT, why="气象台高温橙色预警", key="warn-0001"):
    return declare_weather(unit.id, occasion, span.start, span.end, why=why, key=key, by=by)


def over(unit, start, end):
    return [tuple(one) for one in weather_over(unit.lineage, start, end)]


class TestDeclaring:
    def test_holds_for_the_unit_and_all_below_and_for_nobody_else(self, town, span):
        declared(town.district, span, town.rate_admin)
        expected = [(Occasion.HEAT, span.start, span.end)]
        assert over(town.grid, span.start, span.end) == expected
        assert over(town.district, span.start, span.end) == expected
        assert over(town.city, span.start, span.end) == []
        assert over(town.other, span.start, span.end) == []

    def test_counts_only_where_it_meets_the_action(self, town, span):
        declared(town.street, span, town.officer)
        assert over(town.street, span.end, span.end + HOUR) == []
        assert over(town.street, span.start - HOUR, span.start) == []
        assert len(over(town.street, span.start - HOUR, span.start + HOUR)) == 1
        assert len(over(town.street, span.end - HOUR, span.end + HOUR)) == 1

    def test_heat_and_storm_stand_beside_each_other(self, town, span):
        declared(town.district, span, town.rate_admin)
        declared(town.street, span, town.officer, occasion=Occasion.STORM)
        found = {one[0] for one in over(town.grid, span.start, span.end)}
        assert found == {Occasion.HEAT, Occasion.STORM}

    def test_the_same_key_answers_the_same_even_when_it_is_over(self, town, span):
        first = declared(town.street, span, town.officer)
        with pretending(span.end + DAY):
            again = declared(town.street, span, town.officer)
        assert again.id == first.id
        with pytest.raises(WarningKeyUsed):
            declared(town.street, span, town.officer, occasion=Occasion.STORM)
        assert WeatherWarning.objects.count() == ChangeRecord.objects.count() == 1

    def test_many_at_once_under_one_key_are_one(self, town, span):
        made = at_once(6, lambda _: declared(town.street, span, town.officer))
        assert len({one.id for one in made}) == 1
        assert WeatherWarning.objects.count() == ChangeRecord.objects.count() == 1

    def test_is_for_centre_officers_and_rate_admins_of_the_unit(self, town, staff_at, span):
        for by in (town.resident, town.other_rate_admin, staff_at("auditor", town.city)):
            with pytest.raises(NotAllowed):
                declared(town.street, span, by)
        with pytest.raises(NotAllowed):
            declared(town.district, span, town.officer)
        with pytest.raises(UnitNotFound):
            declared(SimpleNamespace(id=new_id()), span, town.rate_admin)

    def test_refuses_what_is_no_weather_and_what_says_no_why(self, town, span):
        with pytest.raises(NoWeather):
            declared(town.street, span, town.officer, occasion=Occasion.NIGHT)
        with pytest.raises(WhyMissing):
            declared(town.street, span, town.officer, why="  ")

    @pytest.mark.parametrize(
        ("begins", "lasts", "field"),
        [
            (HOUR, timedelta(0), "ends_at"),
            (-3 * HOUR, 2 * HOUR, "ends_at"),
            (HOUR, 15 * DAY, "ends_at"),
            (-2 * DAY, 3 * DAY, "starts_at"),
            (31 * DAY, DAY, "starts_at"),
        ],
    )
    def test_refuses_times_that_no_weather_has(self, town, begins, lasts, field):
        start = now() + begins
        with pytest.raises(BadWarningTime) as refusal:
            declared(town.street, SimpleNamespace(start=start, end=start + lasts), town.officer)
        assert refusal.value.field == field
        assert WeatherWarning.objects.count() == 0

    def test_is_on_record_with_its_reason(self, town, span):
        warning = declared(town.street, span, town.officer)
        record = ChangeRecord.objects.get(about_id=warning.id)
        assert (record.subject, record.verb, record.why) == (
            "weather_warning",
            "declared",
            "气象台高温橙色预警",
        )
        assert record.after["ends_at"] == span.end
        assert record.by_id == town.officer.person_id


class TestEnding:
    def test_cuts_it_from_then_on(self, town, span):
        warning = declared(town.street, span, town.officer)
        middle = span.start + 2 * HOUR
        with pretending(middle):
            end_weather(warning.id, why="降雨", by=town.rate_admin)
        assert over(town.street, span.start, span.end) == [(Occasion.HEAT, span.start, middle)]
        assert over(town.street, middle, span.end) == []

    def test_before_it_begins_leaves_nothing_of_it(self, town, span):
        warning = declared(town.street, span, town.officer)
        end_weather(warning.id, why="误报", by=town.officer)
        assert over(town.street, span.start, span.end) == []

    def test_again_and_at_once_ends_it_once(self, town, span):
        warning = declared(town.street, span, town.officer)
        ended = at_once(5, lambda n: end_weather(warning.id, why=f"降雨{n}", by=town.officer))
        assert len({one.withdrawn_at for one in ended}) == 1
        assert ChangeRecord.objects(verb="ended").count() == 1

    def test_is_refused_once_it_ran_out(self, town, span):
        warning = declared(town.street, span, town.officer)
        with pretending(span.end), pytest.raises(WarningOver):
            end_weather(warning.id, why="降雨", by=town.officer)

    def test_by_who_may_not_is_refused(self, town, staff_at, span):
        warning = declared(town.street, span, town.officer)
        with pytest.raises(NotAllowed):
            end_weather(warning.id, why="x", by=staff_at("auditor", town.city))
        for by in (town.resident, town.other_rate_admin):
            with pytest.raises(WarningNotFound):
                end_weather(warning.id, why="x", by=by)
        with pytest.raises(WarningNotFound):
            end_weather(new_id(), why="x", by=town.officer)
        with pytest.raises(WhyMissing):
            end_weather(warning.id, why="", by=town.officer)


class TestTheList:
    def test_shows_those_below_newest_first_page_by_page(self, town, staff_at, span):
        made = [
            declared(unit, span, town.rate_admin, key=f"warn-000{number}")
            for number, unit in enumerate((town.district, town.street, town.grid))
        ]
        auditor = staff_at(Role.AUDITOR, town.city)
        first = warnings_page(town.district.id, limit=2, by=auditor)
        rest = warnings_page(town.district.id, limit=2, cursor=first.next_cursor, by=auditor)
        seen = [one.id for one in (*first.items, *rest.items)]
        assert seen == [one.id for one in reversed(made)]
        assert rest.next_cursor is None
        assert [one.id for one in warnings_page(town.grid.id, by=auditor).items] == [made[2].id]

    def test_is_not_for_everybody(self, town):
        for by in (town.resident, town.other_rate_admin):
            with pytest.raises(NotAllowed):
                warnings_page(town.district.id, by=by)
