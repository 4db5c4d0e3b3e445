"""The command that imports a layer of a whole city from a file, and what it says."""

import importlib
import itertools
import json
from contextlib import contextmanager

import pytest
from people_town import board, feature, features, square

from people import Unit, UnitKind, territory_import
from people.questions import UnitNotFound
from people.territory import top_with_code
from shared.database import database, lease


@pytest.fixture
def run(tmp_path):
    """`run(content, *arguments)`: the command's result on a file that holds the content."""

    def run(content, *arguments):
        file = tmp_path / "layer.geojson"
        file.write_text(content if isinstance(content, str) else json.dumps(content))
        given = ["--layer", "civil", "--parent", "350100", "--datum", "wgs84", *arguments]
        app = importlib.import_module("cli").app
        return app.test_cli_runner().invoke(args=["import-territory", str(file), *given])

    return run


def test_a_layer_comes_in_and_again_changes_nothing(city, run):
    first = run(board())
    assert (first.exit_code, first.output) == (
        0,
        "created 7, changed 0, unchanged 0; holes, overlaps and overhangs: 0\n",
    )
    assert Unit.objects(kind=UnitKind.CIVIL).count() == 7
    assert "created 0, changed 0, unchanged 7" in run(board()).output


def test_each_flaw_is_told_with_place_and_size(town, run):
    wide = features(feature("35010200100100", "grid", square(0, 0, 1.5, 1)))
    told = run(wide, "--parent", "350102001001")
    assert told.exit_code == 0, told.output
    overlap, last = told.output.splitlines()
    assert overlap.startswith("overlap of ")
    assert " m² at 26.08" in overlap
    assert overlap.endswith("grid of 350102001001: 35010200100100, 35010200100110")
    assert last.startswith("created 0, changed 1, unchanged 0")


@pytest.mark.parametrize(
    ("content", "arguments", "said"),
    [
        ("{", (), "layer.geojson is no JSON"),
        ("[" * 100_000, (), "layer.geojson is no JSON"),
        ({"type": "Point"}, (), "features: This must be a GeoJSON FeatureCollection"),
        (features(feature("1", "galaxy", square(0, 0))), (), "features.0.properties.level: "),
        (board(), ("--login", "nobody"), "no such person"),
        (board(), ("--parent", "999999"), "no such unit"),
        (board(), ("--datum", "mars"), "mars"),
        (board(), ("--layer", "city"), "city"),
    ],
)
def test_what_cannot_be_imported_is_said_and_nothing_written(city, run, content, arguments, said):
    answer = run(content, *arguments)
    assert answer.exit_code != 0
    assert said in answer.output
    assert "Traceback" not in answer.output
    assert Unit.objects.count() == 1


def test_the_unit_above_is_found_by_code_the_layers_own_first(town):
    assert top_with_code("civil", "350100").kind == UnitKind.CITY
    assert top_with_code("police", "350102").id == town.district.id
    with pytest.raises(UnitNotFound):
        top_with_code("civil", "350199")


def test_an_import_that_loses_its_lease_stops_between_batches(city, run, monkeypatch):
    monkeypatch.setattr(territory_import, "WRITTEN_AT_ONCE", 2)

    @contextmanager
    def lost_after_two_batches(name, *, seconds):
        steps = itertools.count()
        with lease(name, seconds=seconds) as prolong:

            def prolong_or_lose():
                if next(steps) == 2:
                    taken = {"$set": {"holder": "another"}}
                    database()["leases"].update_one({"_id": name}, taken)
                prolong()

            yield prolong_or_lose

    with monkeypatch.context() as losing:
        losing.setattr(territory_import, "lease", lost_after_two_batches)
        refused = run(board())
    assert (refused.exit_code, Unit.objects(kind=UnitKind.CIVIL).count()) == (1, 4)
    database()["leases"].delete_many({})
    assert "created 3, changed 0, unchanged 4" in run(board()).output
