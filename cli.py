"""The commands, `flask --app cli …`: prepare, found-city, import-territory, prove, demo and more.

They may call any room. `dev.py` starts the servers and hands over to these.
"""

import importlib
import json
import sys
from pathlib import Path

import click
from flask import Flask

import api.app
import ledger
import people
from children import CannotStart
from fixtures import demo_town, replaying
from settings import BadSetting, settings
from shared import sealing
from shared.database import connect
from shared.database import prepare as prepare_database
from shared.datums import DATUMS
from shared.errors import DomainError, Invalid

app = Flask("fuxun-commands")

try:
    settings()
except BadSetting as error:
    sys.exit(f"settings: {error}")


@app.cli.command("prepare")
def prepare() -> None:
    """Create collections, indexes and validators; safe to repeat."""
    connect()
    names = prepare_database()
    click.echo(f"prepared {len(names)} collections")


@app.cli.command("make-keys")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def make_keys(folder: Path) -> None:
    """Make the key files that are not in FOLDER yet; existing ones stay as they are."""
    made = sealing.make_keys(folder)
    click.echo(f"made {', '.join(made) or 'nothing: all are there'}; back them up, apart from data")


@app.cli.command("found-city")
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help="the name in English")
@click.option("--login", default="admin", show_default=True, help="of the first admin")
@click.password_option(help="of the first admin, 10 characters or more; asked for where left out")
def found_city(code: str, name: str, name_en: str, login: str, password: str) -> None:
    """Begin a city: its root unit, the layers of its territory and its first admin; once."""
    connect()
    try:
        city, _ = people.found_city(
            code, name, name_en, login=login, password=password, nickname=login
        )
    except DomainError as refusal:
        raise click.ClickException(refusal.say("en")) from refusal
    click.echo(f"{city.name} stands as unit {city.id}; {login} may sign in")


@app.cli.command("import-territory")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", required=True, type=click.Choice([kind.value for kind in people.LAYERS]))
@click.option("--parent", required=True, help="the code of the unit to stand under")
@click.option("--datum", required=True, type=click.Choice(DATUMS), help="of the file's degrees")
@click.option("--login", default="admin", show_default=True, help="the admin who imports")
def import_territory(file: Path, layer: str, parent: str, datum: str, login: str) -> None:
    """Import a layer from a GeoJSON file of up to 20,000 features; safe to repeat."""
    connect()
    try:
        collection = json.loads(file.read_bytes())
        by = people.actor_with_login(login)
        top = people.top_with_code(layer, parent)
        report = people.import_territory(collection, layer, top.id, by=by, datum=datum)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file.name} is no JSON: {error}") from error
    except DomainError as refusal:
        place = f"{refusal.field}: " if isinstance(refusal, Invalid) and refusal.field else ""
        raise click.ClickException(place + refusal.say("en")) from refusal
    for found in report.findings:
        place = f"at {found.lat:.7f}, {found.lon:.7f}, {found.level} of {found.parent_code}"
        click.echo(f"{found.flaw} of {found.area_m2:,.1f} m² {place}: {', '.join(found.codes)}")
    click.echo(
        f"created {report.created}, changed {report.changed}, unchanged {report.unchanged}; "
        f"holes, overlaps and overhangs: {len(report.findings)}"
    )


@app.cli.command("prove")
def prove() -> None:
    """Replay the ledger and compare it with the stored balances; exit code 1 where they differ."""
    connect()
    findings = ledger.prove()
    for finding in findings:
        click.echo(str(finding), err=True)
    click.echo("the book agrees" if not findings else f"{len(findings)} differences")
    sys.exit(1 if findings else 0)


@app.cli.command("demo")
def demo() -> None:
    """Load the demo town where it is not there yet, and say who can sign in."""
    connect()
    click.echo(demo_town.load_demo_town())


@app.cli.command("replay")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8000", help="a running server in demo mode")
@click.option("--task", "task_id", default=None, help="walk this task instead of a new one")
@click.option("--segment", default=None, help="which walk of a CSV, by its seg column")
@click.option("--json", "as_json", is_flag=True, help="one JSON object as the last line")
def replay(file: Path, url: str, task_id: str | None, segment: str | None, as_json: bool) -> None:
    """Play a recorded walk through the API as a phone would."""
    try:
        outcome = replaying.replay_walk(
            file, url, task_id=task_id, segment=segment, say=lambda line: click.echo(line, err=True)
        )
    except replaying.ReplayFailed as failure:
        raise click.ClickException(str(failure)) from failure
    if as_json:
        click.echo(json.dumps(outcome, ensure_ascii=False))
    else:
        click.echo(replaying.in_words(outcome))


@app.cli.command("bench", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="one JSON object as the last line")
@click.option("--rounds", default=5, show_default=True, help="rounds of rotated slots")
def bench(name: str, as_json: bool, rounds: int) -> None:
    """Run the benchmark bench/NAME.py against the servers of the environment."""
    known = sorted(
        path.stem
        for path in Path(__file__).with_name("bench").glob("*.py")
        if not path.stem.startswith("_")
    )
    if name not in known:
        raise click.ClickException(f"no benchmark {name}; there are: {', '.join(known)}")
    try:
        figures = importlib.import_module(f"bench.{name}").run(rounds=rounds)
    except CannotStart as refusal:
        raise click.ClickException(str(refusal)) from refusal
    for key, value in figures.items():
        click.echo(f"{key:<16} {value}", err=True)
    if as_json:
        click.echo(json.dumps(figures))


@app.cli.command("openapi")
def openapi() -> None:
    """Write the OpenAPI snapshot, docs/openapi.json."""
    path = Path(__file__).with_name("docs") / "openapi.json"
    path.write_text(api.app.openapi_text(api.app.build_app()))
    click.echo(f"wrote {path.name}")
