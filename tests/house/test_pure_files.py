"""Arithmetic and judgement are pure: no database, no clock, no request, in whatever they import."""

import ast

import pytest
from source_tree import (
    Source,
    assert_none,
    imported_file,
    last_name,
    modules,
    snippet,
)
from test_documents import document_classes

PURE = True

PURE_FILES = (
    "shared.canonical",
    "shared.codes",
    "shared.cursors",
    "shared.datums",
    "shared.errors",
    "shared.geo",
    "shared.i18n",
    "shared.working_days",
    "ledger.accounts",
    "ledger.reversal_entry",
    "people.actor",
    "people.coverage",
    "people.phones",
    "people.real_names",
    "people.roles",
    "honours.leagues.ranking",
    "honours.leagues.season_spans",
    "honours.leagues.batches",
    "rates.phases",
    "rates.example_cards",
    "rates.card_values",
    "rates.pricing",
    "rates.budgets.slicing",
    "rates.budgets.thresholds",
    "tasks.claims.lease_rules",
    "tasks.claims.meetings",
    "tasks.judging.areas",
    "tasks.judging.check_kind",
    "tasks.judging.check_kinds",
    "tasks.judging.check_parameters",
    "tasks.judging.checks",
    "tasks.judging.crew_words",
    "tasks.judging.place_checks",
    "tasks.judging.proof",
    "tasks.judging.proof_checks",
    "tasks.judging.time_checks",
    "tasks.judging.wanted_checks",
    "tasks.nearby.distances",
    "tasks.nearby.open_tasks",
    "tasks.nearby.question",
    "tasks.proofs.likeness",
    "tasks.proofs.scoring",
    "tasks.suspicion.account_signals",
    "tasks.suspicion.arrival_signals",
    "tasks.suspicion.copy_index",
    "tasks.suspicion.copy_signals",
    "tasks.suspicion.fingerprint",
    "tasks.suspicion.photo_signals",
    "tasks.suspicion.place_signals",
    "tasks.reviews.organiser_watch",
    "tasks.tracks.cutting",
    "tasks.suspicion.replays",
    "tasks.suspicion.signal",
    "tasks.suspicion.signals",
    "tasks.suspicion.step_signals",
    "tasks.suspicion.suspicion",
    "tasks.tracks.positions",
    "tasks.judging.track_measures",
    "tasks.schedules.calendar_text",
    "tasks.schedules.plans",
    "tasks.schedules.rules",
    "tasks.tracks.track_packing",
    "tasks.judging.track_rules",
    "tasks.devices.gpx",
    "tasks.devices.owntracks",
    "tasks.devices.readings",
    "tasks.devices.traccar",
    "catalog.buying_rules",
    "catalog.providers.port",
    "catalog.providers.try_rules",
    "catalog.providers.wire",
    "catalog.scanning.shown_codes",
    "catalog.points.opening_hours",
    "catalog.pools.code_file",
    "catalog.settlement.amounts",
    "catalog.settlement.days",
    "catalog.settlement.sheet",
    "catalog.settlement.sheet_csv",
    "catalog.settlement.sheet_html",
    "catalog.settlement.sheet_words",
    "catalog.settlement.sheet_xlsx",
    "insights.replaying_rates",
    "insights.replay_report",
    "honours.badges.badge_content",
    "honours.badges.badge_rules",
    "honours.bests",
    "honours.calendar_weeks",
    "honours.levels.levelling",
    "honours.quests.quest_rules",
    "honours.badges.standard_badges",
    "honours.levels.streaks",
    "honours.tally",
    "honours.unit_figures",
    "honours.certificates.certificate_facts",
    "honours.certificates.certificate_page",
    "honours.certificates.certificate_words",
    "insights.forecasting",
    "insights.pay_sharing",
    "notices.places",
    "notices.quiet_hours",
    "notices.signing",
)
FORBIDDEN = {
    "flask",
    "flask_smorest",
    "mongoengine",
    "pymongo",
    "redis",
    "requests",
    "rq",
    "settings",
    "socket",
    "subprocess",
    "urllib",
}
FORBIDDEN_FILES = {"shared.database", "shared.queue", "shared.sealing"}
CLOCK_CALLS = {"now", "utcnow", "today", "real_now", "time", "time_ns", "monotonic"}
CLOCKS = {"datetime", "date", "time", "clock"}


def impure_imports(source: Source, files: dict[str, Source], done: set[str]) -> list[str]:
    """What a file, and every file it stands on, imports that asks a server, a clock or a request.

    Documents are where the walk ends: their fields may be read, and no more than that.
    """
    found = []
    for seen in source.imports:
        reached = imported_file(seen, set(files))
        line = f"{source.path}:{seen.line}"
        if seen.top in FORBIDDEN or reached in FORBIDDEN_FILES:
            found.append(f"{line} imports {seen.module}")
        elif seen.module == "shared.clock" and seen.name in ("now", "real_now"):
            found.append(f"{line} imports the clock")
        elif reached in files and reached not in done and not document_classes(files[reached]):
            done.add(reached)
            if reached != "shared.clock":
                found += impure_imports(files[reached], files, done)
    return found


def impure_calls(source: Source) -> list[str]:
    """Where a file asks the time or the database itself."""
    found = []
    for node in source.nodes:
        if isinstance(node, ast.Attribute) and node.attr == "objects":
            found.append(node.lineno)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asks_time = node.func.attr in CLOCK_CALLS and last_name(node.func.value) in CLOCKS
            if asks_time or node.func.attr in ("save", "modify"):
                found.append(node.lineno)
        elif isinstance(node, ast.Call) and last_name(node.func) in ("collection", "open", "input"):
            found.append(node.lineno)
    return [f"{source.path}:{line}" for line in found]


@pytest.mark.parametrize("module", PURE_FILES)
def test_a_pure_file_asks_no_server_no_clock_and_no_request(module):
    source = modules()[module]
    assert_none(impure_imports(source, modules(), set()) + impure_calls(source))


# ---- the checker itself, on made-up files


@pytest.mark.parametrize(
    "text",
    [
        "import mongoengine",
        "from flask import request",
        "from pymongo import MongoClient",
        "from shared.database import collection",
        "from shared import database",
        "from shared.clock import now",
        "from tasks import publishing",
    ],
)
def test_the_checker_sees_what_a_pure_file_may_not_import(text):
    assert impure_imports(snippet("tasks/judging/checks.py", text), modules(), set()) != []


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "clock.now()",
        "time.time()",
        "datetime.date.today()",
        "Task.objects(id=1)",
        "card.save()",
        "open('x')",
    ],
)
def test_the_checker_sees_what_a_pure_file_may_not_ask(text):
    assert len(impure_calls(snippet("tasks/judging/checks.py", text))) == 1


def test_the_checker_lets_values_be():
    text = "from shared.clock import stored\nfrom shared.errors import Invalid\nx = a.time() + b\n"
    assert impure_imports(snippet("tasks/judging/checks.py", text), modules(), set()) == []
    assert impure_calls(snippet("tasks/judging/checks.py", text)) == []
