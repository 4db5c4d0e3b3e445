"""Levels over HTTP."""

import pytest
from city_world import Caller, by_phone, founded

LINE = {"name": {"en": "One", "zh": "一"}, "least_hours": 2, "least_weeks": 1, "roles": []}


@pytest.fixture
def city(app):
    return founded(app)


def put(caller, version=0, levels=(LINE,), **more):
    body = {"levels": list(levels), "why": "试行", **more}
    return caller.call("PUT", "/levels", body, **{"If-Match": str(version)})


def test_everybody_signed_in_reads_the_levels(app, city):
    assert Caller(app).get("/levels").status_code == 401
    table = by_phone(app).get("/levels").json
    assert (table["version"], table["put_at"], len(table["levels"])) == (0, None, 5)
    assert table["levels"][0]["name"] == {"en": "Neighbour", "zh": "热心邻里"}


def test_only_the_citys_admin_puts_a_table(app, city):
    _, admin = city
    assert put(Caller(app)).status_code == 401
    assert put(by_phone(app)).status_code == 403
    made = put(admin)
    assert (made.status_code, made.json["version"], made.json["levels"]) == (200, 1, [LINE])
    assert by_phone(app).get("/levels").json == made.json


def test_a_change_names_the_version_it_saw(app, city):
    _, admin = city
    assert admin.call("PUT", "/levels", {"levels": [LINE], "why": "x"}).status_code == 422
    assert put(admin).json["version"] == put(admin).json["version"] == 1
    late = put(admin, levels=[LINE | {"least_hours": 9}])
    assert (late.status_code, late.json["code"], late.json["facts"]) == (
        409,
        "LevelsChanged",
        {"version": 1},
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"levels": []}, "levels"),
        ({"levels": [{**LINE, "least_hours": -1}]}, "levels.0.least_hours"),
        ({"levels": [{**LINE, "least_hours": "2"}]}, "levels.0.least_hours"),
        ({"levels": [{**LINE, "coins": 2}]}, "levels.0.coins"),
        ({"levels": [LINE, LINE]}, "levels.1"),
        ({"levels": [LINE | {"roles": ["admin"]}]}, "levels.0.roles.0"),
        ({"why": " "}, "why"),
        ({"why": None}, "why"),
    ],
)
def test_what_is_no_table_is_told_by_field(city, change, field):
    answer = put(city[1], **change)
    assert (answer.status_code, field in answer.json["errors"]) == (422, True), answer.json
