"""Sound requests around the street: claims, teams, orders, schedules, kinds, reviews."""

from datetime import timedelta
from typing import Any

from sound_world import KIND, Sound, schedule_content, school_term

from shared.clock import now
from tasks import team_code_of

HERE = {"position": {"lat": 26.0885, "lon": 119.2925, "datum": "wgs84"}}


def of_the_street(world: Any) -> dict[str, Sound]:
    """Operation → a sound request."""
    return of_claims(world) | of_orders(world) | of_plans(world) | of_reviews(world)


def of_claims(world: Any) -> dict[str, Sound]:
    """Leases, waiting lists, teams, companions and their cards."""
    own = "POST /participations/{participation_id}"
    claimed, led = {"participation_id": world.claim}, {"participation_id": world.team_walk}
    code = team_code_of(world.team_walk, by=world.actors["captain"]).code
    joining = {"code": code, **HERE}
    return {
        f"{own}/extension": Sound("claimer", {"number": 1}, at=claimed),
        f"{own}/pause": Sound("claimer", {"words": "有人受伤"}, at=claimed),
        f"{own}/companions": Sound("captain", {"card": world.card, **HERE}, at=led),
        "POST /tasks/{task_id}/waiting-places": Sound("waiter", HERE, {"task_id": world.full.id}),
        "POST /tasks/{task_id}/team-members": Sound("joiner", joining, {"task_id": world.team.id}),
        "POST /me/card/reissue": Sound("resident", {"version": 1}),
        "POST /people/{person_id}/card/reissue": Sound("officer", {"version": 1}),
    }


def of_orders(world: Any) -> dict[str, Sound]:
    """Who is asked, and declines."""
    place = {"crew_role": None, "candidates": [world.actors["member"].person_id]}
    wanted = {"places": [place], "answer_within_minutes": 30}
    return {
        "POST /tasks/{task_id}/orders": Sound("officer", wanted),
        "POST /orders/{order_id}/refusal": Sound("waiter", {"reason": "孩子生病"}),
    }


def of_plans(world: Any) -> dict[str, Sound]:
    """Schedules, school calendars, kinds of task."""
    starts_on = (now() + timedelta(days=1)).date().isoformat()
    said = {"days": "school_days", "dates_left_out": [starts_on], "extra_dates": []}
    plan = schedule_content() | said | {"unit_id": world.town.street.id, "starts_on": starts_on}
    year = {"name": "2027", "terms": [school_term()], "holidays": [school_term()], "extra_days": []}
    certificate = {"name": "river_watch", "lasts_months": 12}
    return {
        "POST /schedules": Sound("officer", plan),
        "PATCH /schedules/{schedule_id}": Sound("officer", schedule_content() | {"active": False}),
        "POST /units/{unit_id}/school-calendars": Sound("officer", year),
        "PATCH /school-calendars/{calendar_id}": Sound("officer", year | {"name": "2028"}),
        "PUT /task-kinds/{kind_id}": Sound("admin", KIND | {"certificate": certificate}),
    }


def of_reviews(world: Any) -> dict[str, Sound]:
    """A refusal that is objected to, looked at again, and decided."""
    own, refused = "POST /participations/{participation_id}", {"participation_id": world.refused}
    since = (now() - timedelta(days=1)).isoformat()
    proof = {"since": since, "words": "proven"}
    written = {"person_id": world.actors["member"].person_id, "words": "no phone"}
    over = {"task_id": world.over.id}
    cheat = {"person_id": world.actors["waiter"].person_id}
    verdict = {"verified": True, "reason": "seen"}
    return {
        f"{own}/appeals": Sound("refused", {"words": "I was there."}, at=refused),
        f"{own}/second-look": Sound("officer", verdict, at=refused),
        f"{own}/reviews": Sound("officer", verdict, at=refused),
        "POST /tasks/{task_id}/back-filled-attendances": Sound("officer", written, at=over),
        "POST /people/{person_id}/work-withdrawals": Sound("rates", proof, at=cheat),
    }
