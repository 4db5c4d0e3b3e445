"""The commands, `flask --app cli …`: prepare, found-city, import-territory, prove, demo and more.

They may call any room. `dev.py` starts the servers and hands over to these.
"""

import importlib
import json
import sys
from pathlib import Path

import click
from flask import Flask
from pymongo.errors import OperationFailure

import api.app
import catalog
import ledger
import people
from bench.torture.running import torture as torture_book
from children import CannotStart
from fixtures import demo_provider, demo_town, replaying
from settings import BadSetting, settings
from shared import sealing
from shared.database import connect
from shared.database import prepare as prepare_database
from shared.database_users import NEVER_CHANGED, make_database_user
from shared.datums import DATUMS
from shared.errors import DomainError, Invalid

# Nobody waits on a page for a command: a month of many entries is added up in one go.
CLOSING_TIMEOUT_S = 3_600.0

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


@app.cli.command("database-user")
@click.argument("name")
@click.password_option(
    envvar="DATABASE_USER_PASSWORD", help="16 characters or more; asked for where left out"
)
def database_user(name: str, password: str) -> None:
    """Make the user of the web and job processes: it can add to the book, and change none of it.

    MONGODB_URI must be an administrator's. Safe to repeat; after `prepare`, and after each upgrade.
    """
    connect()
    try:
        changed = make_database_user(name, password)
    except DomainError as refusal:
        raise click.ClickException(refusal.say("en")) from refusal
    except OperationFailure as failure:
        raise click.ClickException(f"MongoDB says no: {failure.details['errmsg']}") from failure
    click.echo(
        f"{name} may read and insert everywhere in the database, and change {len(changed)} "
        f"collections, {', '.join(sorted(NEVER_CHANGED))} not among them"
    )


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
    """Replay the ledger, then hold the catalogue against it; exit code 1 where anything differs."""
    connect()
    try:
        proof = ledger.prove_book()
        flaws = catalog.prove_catalogue()
    except DomainError as refusal:
        raise click.ClickException(refusal.say("en")) from refusal
    for line in proof.lines():
        click.echo(line)
    click.echo("THE CATALOGUE DIFFERS:" if flaws else "the catalogue agrees with the book")
    for flaw in flaws:
        click.echo(f"  {flaw}")
    sys.exit(1 if proof.findings or flaws else 0)


@app.cli.command("close-month")
@click.argument("month")
@click.option("--login", required=True, help="the rate admin of the whole city who closes it")
def close_month(month: str, login: str) -> None:
    """Close MONTH, as 2026-10, to entries and store its accounts' balances; safe to repeat."""
    connect()
    try:
        by = people.actor_with_login(login)
        people.must_hold_at_root(people.Role.RATE_ADMIN, by=by)
        closed = ledger.close_month(month, by_id=by.person_id, timeout_s=CLOSING_TIMEOUT_S)
    except DomainError as refusal:
        raise click.ClickException(refusal.say("en")) from refusal
    stored = "its balances are stored" if closed.stored else "its balances follow in the sweep"
    click.echo(f"{closed.month} is closed since {closed.closed_at.isoformat()}; {stored}")


@app.cli.command("export-ledger")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "file_format",
    required=True,
    type=click.Choice([kind.value for kind in ledger.ExportFormat]),
)
@click.option("--from", "first", help="the first effective month, as 2026-10; else from the start")
@click.option("--to", "last", help="the last effective month; else up to now")
@click.option("--force", is_flag=True, help="overwrite FILE")
def export_ledger(
    file: Path, file_format: str, first: str | None, last: str | None, force: bool
) -> None:
    """Write the book, or some months of it, to FILE: whole or not at all."""
    connect()
    kind = ledger.ExportFormat(file_format)
    try:
        done = ledger.export_to_file(file, kind, first=first, last=last, overwrite=force)
    except FileExistsError as error:
        raise click.ClickException(f"{error}; --force overwrites it") from error
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error}") from error
    except DomainError as refusal:
        raise click.ClickException(refusal.say("en")) from refusal
    click.echo(f"wrote {done.legs:,} legs of {done.entries:,} entries to {file}")


@app.cli.command("seal")
@click.option("--everything", is_flag=True, help="look through all entries, not the last hours'")
def seal(everything: bool) -> None:
    """Seal what was posted more than two minutes ago and stands in no seal yet."""
    connect()
    click.echo(f"sealed {ledger.seal_entries(everything=everything)} entries")


@app.cli.command("demo")
@click.option("--provider-url", envvar="SANDBOX_PROVIDER_URL", default="", help="of its data packs")
@click.option("--provider-secret", envvar="SANDBOX_PROVIDER_SECRET", default="", hidden=True)
def demo(provider_url: str, provider_secret: str) -> None:
    """Load the demo town where it is not there yet, and say who can sign in."""
    connect()
    click.echo(demo_town.load_demo_town())
    if provider_url and provider_secret:
        demo_provider.join_sandbox(provider_url, provider_secret)


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


@app.cli.command("torture")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--minutes", default=2.0, show_default=True, type=click.FloatRange(0.1, 1440))
@click.option("--seed", type=int, help="the same blows and deeds again; by default a new one")
@click.option("--json", "as_json", is_flag=True, help="one JSON object as the last line")
def torture(folder: Path, minutes: float, seed: int | None, as_json: bool) -> None:
    """Kill databases and posters at work in FOLDER, then look up all that was acknowledged.

    The replica set is its own. Exit code 1 where anything is lost, doubled or not as it was told.
    """
    try:
        figures = torture_book(folder, minutes, seed, lambda line: click.echo(line, err=True))
    except CannotStart as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if as_json:
        click.echo(json.dumps(figures))
    else:
        for key, value in figures.items():
            click.echo(f"{key:<22} {value}")
    sys.exit(0 if figures["is_sound"] else 1)


@app.cli.command("openapi")
def openapi() -> None:
    """Write the OpenAPI snapshot, docs/openapi.json."""
    path = Path(__file__).with_name("docs") / "openapi.json"
    path.write_text(api.app.openapi_text(api.app.build_app()))
    click.echo(f"wrote {path.name}")
