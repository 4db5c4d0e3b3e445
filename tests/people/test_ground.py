"""The territory in bulk answers as it does one by one."""

import random

from people import Ground, grids_at, ids_below


def one_by_one(lat, lon):
    return frozenset(unit_id for grid in grids_at(lat, lon).values() for unit_id in grid.lineage)


def test_many_points_have_the_ground_that_each_has_alone(town):
    drawn = random.Random(4)
    box = town.district.boundary["coordinates"]
    while not isinstance(box[0][0], float):
        box = box[0]
    lons, lats = zip(*box, strict=True)
    points = [
        (
            drawn.uniform(min(lats) - 0.001, max(lats) + 0.001),
            drawn.uniform(min(lons) - 0.001, max(lons) + 0.001),
        )
        for _ in range(60)
    ]
    found = Ground().under(points)
    assert found == [one_by_one(*point) for point in points]
    assert len({*found}) >= 4
    assert frozenset() in found


def test_on_a_border_the_lower_code_is_taken(town):
    corner = town.grid.boundary["coordinates"]
    while not isinstance(corner[0][0], float):
        corner = corner[0]
    points = [(lat, lon) for lon, lat in corner]
    assert Ground().under(points) == [one_by_one(*point) for point in points]


def test_no_points_have_no_ground(city):
    assert Ground().under([]) == []
    assert Ground().under([(26.0, 119.0)]) == [frozenset()]


def test_below_a_unit_is_itself_and_all_under_it(town):
    assert {town.district.id, town.street.id, town.grid.id} <= set(ids_below(town.district.id))
    assert ids_below(town.grid.id) == [town.grid.id]
    assert ids_below("f" * 24) == []
