"""Coverage: every hole, overlap and overhang found, with its size, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people_town import square
from shapely.geometry import Point, shape

from people.coverage import Flaw, Piece, area_m2, coverage_findings

PURE = True
# One field of the board: 0.01 degrees both ways at 26.08 N, from the WGS-84 radii of curvature
# there, M = 6347741 m and N = 6382267 m: 1107.9 m by 1000.5 m.
FIELD_M2 = 1_108_400


def piece(code, *corner):
    return Piece(code, shape(square(*corner)))


PARENT = shape(square(0, 0, 2, 2))
FITTING = [piece(f"{x}{y}", x, y) for x in (0, 1) for y in (0, 1)]


def flaws(parent, pieces, tolerance_m2=25.0):
    return coverage_findings(parent, pieces, tolerance_m2)


def test_siblings_that_fit_have_no_flaw():
    assert flaws(PARENT, FITTING) == []


def test_an_area_is_in_square_metres_of_the_ellipsoid():
    assert area_m2(shape(square(0, 0))) == pytest.approx(FIELD_M2, rel=2e-3)


def test_a_missing_sibling_is_a_hole_beside_its_neighbours():
    (hole,) = flaws(PARENT, FITTING[:3])
    assert hole.flaw is Flaw.HOLE
    assert hole.codes == ("00", "01", "10")
    assert hole.area_m2 == pytest.approx(FIELD_M2, rel=2e-3)
    assert shape(square(1, 1)).contains(Point(hole.lon, hole.lat))


def test_a_sibling_over_another_is_an_overlap():
    wide = [piece("00", 0, 0, 1.5, 1), *FITTING[1:]]
    (overlap,) = flaws(PARENT, wide)
    assert (overlap.flaw, overlap.codes) == (Flaw.OVERLAP, ("00", "10"))
    assert overlap.area_m2 == pytest.approx(FIELD_M2 / 2, rel=2e-3)


def test_what_reaches_beyond_the_parent_is_outside():
    (outside,) = flaws(PARENT, [*FITTING[:3], piece("11", 1, 1, 1.25, 1)])
    assert (outside.flaw, outside.codes) == (Flaw.OUTSIDE, ("11",))
    assert outside.area_m2 == pytest.approx(FIELD_M2 / 4, rel=2e-3)


def test_without_a_parents_shape_enclosed_holes_are_found():
    ring = [piece(f"{x}{y}", x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]
    (hole,) = flaws(None, ring)
    assert hole.flaw is Flaw.HOLE
    assert len(hole.codes) == 8


def test_the_same_ground_twice_is_one_overlap():
    (overlap,) = flaws(PARENT, [*FITTING, piece("99", 0, 0)])
    assert overlap.codes == ("00", "99")


def test_flaws_within_the_tolerance_are_not_told():
    # 0.0001 of a field across is 0.1 m by 1.1 km: some 110 square metres.
    wide = [piece("00", 0, 0, 1.0001, 1), *FITTING[1:]]
    assert flaws(PARENT, wide, 150.0) == []
    assert len(flaws(PARENT, wide, 80.0)) == 1


def test_no_siblings_have_no_flaws():
    assert flaws(PARENT, []) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 3)] * 2), unique=True, max_size=16))
def test_holes_are_what_the_parent_has_and_its_siblings_have_not(fields):
    parent = shape(square(0, 0, 4, 4))
    pieces = [piece(f"{x}{y}", x, y) for x, y in fields]
    found = flaws(parent, pieces)
    missing_m2 = sum(one.area_m2 for one in found if one.flaw is Flaw.HOLE)
    expected_m2 = area_m2(parent) - sum(area_m2(one.shape) for one in pieces) if pieces else 0
    assert all(one.flaw is Flaw.HOLE for one in found)
    # Long borders are geodesics, short ones end to end are not quite the same line.
    assert missing_m2 == pytest.approx(expected_m2, abs=400)
