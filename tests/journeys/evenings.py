"""An evening patrol over HTTP: a street ready to work, a task of it, and a walk of the task."""

from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from fixtures.factories import CENTRE, RATES
from fixtures.walk_simulator import simulate_deliveries, simulate_walk
from rates import budget_year_of
from shared.clock import now
from shared.ids import new_id

LAT, LON = CENTRE
ROUTE = [(LAT - 0.001, LON - 0.001), (LAT + 0.001, LON - 0.001), (LAT + 0.001, LON + 0.001)]


@pytest.fixture
def street(admin, town, hire):
    """A street ready to work: rates in force, a budget, a centre, a point with soap on offer."""
    place = SimpleNamespace(
        unit=town["street"],
        point=town["redemption_point"],
        officer=hire("officer", "centre_officer", town["street"]),
        clerk=hire("clerk", "clerk", town["redemption_point"]),
        rates=hire("rates", "rate_admin", town["district"]),
        auditor=hire("auditor", "auditor", town["city"]),
    )
    before = now() - timedelta(days=1)
    card = {
        "unit_id": town["district"]["id"],
        "title": {"en": "Sample rates", "zh": "示例积分标准"},
        "why": "a sample",
        "in_force_from": (before + timedelta(minutes=1)).isoformat(),
        "lines": RATES,
        "fen_per_10000_coins": 20_000,
    }
    drafted = place.rates.at(before).post("/rate-cards", card, Idempotency_Key="card-0001")
    second = hire("approver", "rate_admin", town["district"])
    approval = {"why": "a sample"}
    path = f"/rate-cards/{drafted['id']}/approval"
    second.at(before).post(path, approval, If_Match=str(drafted["version"]))
    grant = {"year": budget_year_of(now()), "coins": 1_000, "authorisation": "鼓财〔示例〕1 号"}
    place.rates.post(
        f"/units/{place.unit['id']}/budget-grants", grant, Idempotency_Key="grant-0001"
    )
    return place


def evening_patrol(street, **changes):
    starts_at = now() + timedelta(minutes=5)
    return {
        "unit_id": street.unit["id"],
        "kind": "patrol",
        "title": "夜间平安巡防",
        "address": "鼓西派出所",
        "area": {
            "shape": "circle",
            "geometry": {"type": "Point", "coordinates": [LON, LAT]},
            "radius_m": 500,
        },
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=2)).isoformat(),
        "slots": 5,
        "checks": [
            {"check": "inside_time", "parameters": {"min_s": 1200}},
            {"check": "inside_distance", "parameters": {"min_m": 1000}},
            {
                "check": "checkpoints",
                "parameters": {"points": [{"lat": LAT + 0.001, "lon": LON - 0.001}], "needed": 1},
            },
            {"check": "window", "parameters": {}},
            {"check": "plausible_speed", "parameters": {}},
        ],
    } | changes


def draft(street, status=0, **changes):
    content = evening_patrol(street, **changes)
    return street.officer.post("/tasks", content, status=status, Idempotency_Key=new_id())


def publish(street, **changes):
    task = draft(street, **changes)
    return street.officer.post(f"/tasks/{task['id']}/publication")


def claim_and_start(resident, task):
    began = datetime.fromisoformat(task["starts_at"])
    path = f"/tasks/{task['id']}/claims"
    participation = resident.at(began).post(path)
    return resident.at(began).post(f"/participations/{participation['id']}/start")


def upload(resident, participation, recorded, seed=1):
    """Send the walk as a phone does: some batches late, some out of order, one of them twice."""
    path = f"/participations/{participation['id']}/track-points"
    deliveries = simulate_deliveries(recorded, seed)
    for delivery in [*deliveries, deliveries[0]]:
        points = [point | {"at": point["at"].isoformat()} for point in delivery.points]
        body = {"upload_key": delivery.upload_key, "datum": "wgs84", "points": points}
        receipt = resident.at(delivery.at).post(path, body)
        assert (receipt["accepted"], receipt["rejected"]) == (len(points), [])
    return max(delivery.at for delivery in deliveries)


def walk(resident, task, move=simulate_walk, minutes=40):
    """Claim, start, walk and finish; the participation, waiting for its verdict."""
    participation = claim_and_start(resident, task)
    began = datetime.fromisoformat(participation["started_at"])
    recorded = move(ROUTE, began, 1, duration_s=minutes * 60)
    last = upload(resident, participation, recorded)
    return resident.at(last).post(f"/participations/{participation['id']}/finish")
