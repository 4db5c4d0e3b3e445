"""Datums: published anchor values, both ways for every position, nothing outside China."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.datums import DATUMS, UnknownDatum, from_wgs84, to_wgs84
from shared.geo import distance_m

in_china = st.tuples(st.floats(3.0, 53.5), st.floats(73.5, 135.0))


class TestConverting:
    def test_tiananmen_is_where_the_published_formulas_put_it(self):
        lat, lon = from_wgs84(39.915, 116.404, "gcj02")
        assert (float(lat), float(lon)) == pytest.approx((39.91640428150164, 116.41024449916938))
        lat, lon = from_wgs84(39.915, 116.404, "bd09")
        assert (float(lat), float(lon)) == pytest.approx((39.9226995522162, 116.4166272437873))

    @pytest.mark.parametrize(
        ("lat", "lon", "metres"),
        [(26.08, 119.30, 590), (22.56, 113.88, 607), (30.70, 103.84, 362), (39.99, 116.32, 544)],
    )
    def test_the_shift_of_a_city_is_what_was_measured_there(self, lat, lon, metres):
        shifted = from_wgs84(lat, lon, "gcj02")
        assert distance_m((lat, lon), (float(shifted[0]), float(shifted[1]))) == pytest.approx(
            metres, abs=8
        )

    @given(in_china, st.sampled_from(DATUMS))
    def test_there_and_back_is_under_a_tenth_of_a_millimetre(self, place, datum):
        lat, lon = to_wgs84(*from_wgs84(*place, datum), datum)
        assert distance_m(place, (float(lat), float(lon))) < 1e-4

    @given(in_china, st.sampled_from(DATUMS))
    def test_back_and_there_is_too(self, place, datum):
        lat, lon = from_wgs84(*to_wgs84(*place, datum), datum)
        assert distance_m(place, (float(lat), float(lon))) < 1e-4

    @given(st.tuples(st.floats(-80, -1), st.floats(-170, 60)))
    def test_outside_china_gcj02_is_wgs84(self, place):
        for convert in (from_wgs84, to_wgs84):
            lat, lon = convert(*place, "gcj02")
            assert (float(lat), float(lon)) == place

    def test_a_track_is_converted_as_its_points_are(self):
        lats, lons = np.linspace(20, 45, 50), np.linspace(80, 125, 50)
        together = from_wgs84(lats, lons, "bd09")
        alone = [from_wgs84(a, b, "bd09") for a, b in zip(lats, lons, strict=True)]
        assert np.array_equal(together, np.transpose(alone))

    def test_no_positions_make_no_positions(self):
        lat, lon = to_wgs84([], [], "bd09")
        assert len(lat) == len(lon) == 0

    @pytest.mark.parametrize("convert", [from_wgs84, to_wgs84])
    def test_an_unknown_datum_is_refused_and_never_guessed(self, convert):
        with pytest.raises(UnknownDatum) as refused:
            convert([26.0], [119.0], "WGS84")
        assert "WGS84" in refused.value.say("zh-CN")
