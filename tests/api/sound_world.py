"""A town in which every noun of the API exists, for sound requests and spoilt ones to speak of."""

import base64
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

from drafted_cards import draft_cards
from duty_world import HANDED_OUT, TEST

from api.signing_in import tokens_for
from catalog import order_reward, voucher_of
from fixtures.factories import (
    a_resident,
    a_reward,
    a_task,
    a_town,
    rated,
    staff,
    task_content,
    walking_checks,
)
from ledger import statement_of, wallet
from notices import inbox_of, make_webhook, tell
from people import Actor, Role, card_of, grant_role
from rates import budget_year_of, open_fund
from shared.clock import now, pretending
from tasks import (
    Participation,
    PhoneApp,
    Place,
    SecondLook,
    SentPhoto,
    Task,
    claim_task,
    create_schedule,
    create_school_calendar,
    finish_participation,
    hand_out,
    issue_own_link,
    order_people,
    preview_of,
    put_task_kind,
    register_device,
    start_participation,
    store_photo,
    write_sheet,
)
from tasks.verification import verify_participation
from tests.pictures import file_of, scene
from tests.tasks.proofs.questions import QUESTIONS

LINE = {"item": "传单", "place": "鼓西一村", "count": 3, "photo_ids": []}
KIND = {
    "name": {"en": "River watch", "zh": "河道巡查"},
    "moves": "walks",
    "required_checks": ["inside_time"],
    "default_checks": [{"check": "inside_time", "parameters": {"min_s": 600}}],
    "roles_needed": [{"crew_role": "teacher"}],
    "review_guide": {"en": "Ask the warden.", "zh": "询问河长。"},
}


class Sound(NamedTuple):
    """A request that should be done: who asks, the body, and the ids of its path that must be."""

    who: str
    body: Any
    at: dict[str, str] = {}
    # Of a file; a body of bytes is sent as it is, any other as JSON.
    kind: str = "application/json"
    query: str = ""


class Basic(NamedTuple):
    """A phone app that shows its device's id and secret."""

    device_id: str
    secret: str


def the_world(app: Any) -> SimpleNamespace:
    """The town with its ids by the names of places, and callers who may do everything together."""
    town = a_town()
    rated(town.city)
    actors = _actors(town)
    world = SimpleNamespace(app=app, town=town, ids={}, actors=actors)
    draft_cards(world)
    _streets(world)
    _crews(world)
    _shops(world)
    _messages(world)
    _plans(world)
    return world


def _actors(town: Any) -> dict[str, Any]:
    actors = {
        "resident": a_resident(coins=10_000, home=town.street),
        "officer": staff(Role.CENTRE_OFFICER, at=town.district),
        "clerk": staff(Role.CLERK, at=town.point),
        "admin": staff(Role.ADMIN, at=town.city),
        "rates": staff(Role.RATE_ADMIN, at=town.city),
        "ombudsman": staff(Role.OMBUDSMAN, at=town.city),
        "auditor": staff(Role.AUDITOR, at=town.city),
        "newcomer": a_resident(real_name=False),
        "captain": a_resident(),
    }
    grant_role(actors["captain"].person_id, Role.CAPTAIN, town.street.id, by=town.admin)
    for name in ("claimer", "joiner", "waiter", "refused", "member"):
        actors[name] = a_resident()
    return actors


def begun(task: Task, by: Actor) -> str:
    """The id of the actor's participation in the task, started."""
    taken = claim_task(task.id, position=None, by=by)
    return start_participation(taken.id, by=by).id


def _streets(world: SimpleNamespace) -> None:
    """Tasks, a walk with its proofs under way, one finished, one that the checks refused."""
    town, actors, ids = world.town, world.actors, world.ids
    resident, officer = actors["resident"], actors["officer"]
    sheet = write_sheet(
        town.street.id, title="防诈", questions=QUESTIONS, key="sheet-0001", by=officer
    )
    checks = [*walking_checks(), HANDED_OUT, TEST]
    world.tasks = [a_task(at=town.street, slots=50, checks=checks) for _ in range(2)]
    world.draft = a_task(at=town.street, published=False, by=officer)
    world.walk = begun(world.tasks[0], resident)
    with pretending(now() - timedelta(hours=6)):
        world.over = a_task(at=town.street)
    photo = SentPhoto(file_of(scene(1, size=(160, 120))), "image/jpeg")
    done = finish_participation(begun(world.tasks[0], by := a_resident()), by=by)
    world.refused = _refused(world.tasks[0], actors["refused"])
    ids |= {
        "task_id": [*(task.id for task in world.tasks), world.draft.id],
        "participation_id": [world.walk, done.id, world.refused],
        "sheet_id": [sheet.id],
        "photo_id": [store_photo(world.walk, "p-0", photo, by=resident).id],
        "hand_out_id": [hand_out(world.walk, **LINE, key="line-0001", by=resident).id],
    }


def _refused(task: Task, walker: Actor) -> str:
    """A walk without a position, refused by the checks and drawn for a second look."""
    done = finish_participation(begun(task, walker), by=walker)
    verify_participation(done.id)
    verdict = Participation.objects(id=done.id).get().verdicts[-1]
    SecondLook.objects(id=done.id).modify(
        upsert=True,  # the draw may have taken it by itself
        set__unit_id=done.unit_id,
        set__person_id=walker.person_id,
        set__number=verdict.number,
        set__outcome=verdict.outcome,
        set__state="waiting",
    )
    return done.id


def _crews(world: SimpleNamespace) -> None:
    """A claim that is not started, a team that walks, a full task, somebody asked to come."""
    town, actors, ids = world.town, world.actors, world.ids
    officer = actors["officer"]
    world.claim = claim_task(world.tasks[1].id, position=None, by=actors["claimer"]).id
    world.team = a_task(at=town.street, slots=20, is_team=True)
    world.team_walk = begun(world.team, actors["captain"])
    world.full = a_task(at=town.street, slots=1)
    claim_task(world.full.id, position=None, by=a_resident())
    world.card = card_of(actors["member"].person_id, by=actors["member"]).text
    card_of(actors["resident"].person_id, by=actors["resident"])
    asked = [Place((actors[name].person_id,)) for name in ("waiter", "joiner")]
    orders = order_people(
        world.tasks[1].id, asked, answer_within_minutes=60, key="order-0001", by=officer
    )
    ids["task_id"] += [world.team.id, world.full.id, world.over.id]
    ids["participation_id"] += [world.claim, world.team_walk]
    ids["order_id"] = [order.id for order in orders]


def _shops(world: SimpleNamespace) -> None:
    """A reward, vouchers for it, coins, and the units that give them."""
    town, actors = world.town, world.actors
    resident, point = actors["resident"], town.point
    reward = a_reward(at=town.district, point=point, stock=1_000, price=1)
    world.draft_rewards = [a_reward(at=town.district, point=point, offered=False) for _ in "12"]
    vouchers = [
        order_reward(reward.id, point.id, key=f"order-{number}", by=resident) for number in range(3)
    ]
    fund = open_fund("safety", town.district.id, "平安建设经费", by=actors["rates"])
    lines = statement_of(wallet(resident.person_id)).lines
    world.ids |= {
        "unit_id": [town.street.id, town.district.id, town.city.id, point.id],
        "parent_id": [town.street.id, town.district.id],
        "home_unit_id": [town.street.id],
        "point_id": [point.id],
        "reward_id": [reward.id, *(draft.id for draft in world.draft_rewards)],
        "fund_name": [fund.name],
        "voucher_id": [voucher.id for voucher in vouchers],
        "person_id": [resident.person_id, actors["clerk"].person_id],
        "account": [wallet(resident.person_id)],
        "role": [role.value for role in Role],
        "code": [voucher_of(vouchers[0].id, by=resident).code],
        "year": [budget_year_of(now())],
        "month": ["2026-01", "2026-02"],
        "entry_id": [lines[-1].entry_id],
    }


def _messages(world: SimpleNamespace) -> None:
    """What people are told and by whom, and the phone app that sends positions."""
    resident, facts = world.actors["resident"], {"title": "夜巡", "place": "鼓西街道"}
    facts |= {"starts_at": now(), "answer_until": now(), "task_id": world.tasks[0].id}
    tell(resident.person_id, "order_asked", facts, key="notice-0001")
    hook = make_webhook(
        "https://push.example.com/", events=[], key="hook-0001", by=world.actors["admin"]
    )
    device = register_device("phone", PhoneApp.OWNTRACKS, "wgs84", by=resident)
    notices = [one.id for one in inbox_of(resident.person_id).items]
    world.ids |= {
        "notice_id": notices,
        "up_to_id": notices,
        "webhook_id": [hook.id],
        "device_id": [device.device.id],
    }
    world.actors["phone"] = Basic(device.device.id, device.secret)


def _plans(world: SimpleNamespace) -> None:
    """A schedule, a school's calendar, a kind of task of the city's own, a calendar's link."""
    town, officer, ids = world.town, world.actors["officer"], world.ids
    plan, terms = schedule_content(), [school_term()]
    tomorrow = (now() + timedelta(days=1)).date()
    plan |= {"starts_on": tomorrow, "ends_on": None, "dates_left_out": [], "extra_dates": []}
    plan |= {"days": "every_day", "publish_ahead_days": 7, "active": True}
    schedule = create_schedule(town.street.id, plan, key="plan-0001", by=officer)
    planned = preview_of(schedule.id, since=None, until=None, by=officer).items
    term = terms[0] | {"first_day": tomorrow, "last_day": tomorrow}
    school_year = {"name": "2026", "terms": [term], "holidays": [], "extra_days": []}
    ids |= {
        "schedule_id": [schedule.id],
        "occurrence": [one.occurrence for one in planned[:3]],
        "calendar_id": [create_school_calendar(town.street.id, school_year, by=officer).id],
        "kind_id": ["river_watch", "drill"],
        "token": [issue_own_link(by=world.actors["resident"])],
    }
    put_task_kind("river_watch", KIND, version=0, by=world.actors["admin"])


def school_term() -> dict[str, str]:
    """A term as a calendar's request says it."""
    return {"name": "上学期", "first_day": "2026-09-01", "last_day": "2027-01-22"}


def schedule_content() -> dict[str, Any]:
    """What a schedule publishes, when, and by which rule."""
    task = task_content((now(), now()))
    times = {"name": "arrival", "at": "07:30", "minutes_before": 15, "duration_minutes": 60}
    content = {name: said for name, said in task.items() if name not in ("starts_at", "ends_at")}
    return {"content": content, "rule": "FREQ=DAILY", "times": [times]}


def headers_of(world: Any, actor: Actor | Basic | None) -> dict[str, str]:
    """The headers of somebody signed in, or of a phone app; they speak English."""
    if actor is None:
        return {"Accept-Language": "en"}
    if isinstance(actor, Basic):
        shown = base64.b64encode(":".join(actor).encode()).decode()
        return {"Accept-Language": "en", "Authorization": f"Basic {shown}"}
    with world.app.app_context():
        token = tokens_for(actor.person_id, actor.session_id, 1)["access_token"]
    return {"Accept-Language": "en", "Authorization": f"Bearer {token}"}
