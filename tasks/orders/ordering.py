"""How a centre asks named people to fill the places of a crew, and takes an order back."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from people import Actor, Person, PersonNotFound, Role, person_of, unit_of
from shared.clock import now, real_now
from shared.database import collection, in_transaction
from shared.errors import Conflict, Invalid, NotFound, Refused
from shared.i18n import Text
from shared.ids import new_id
from tasks.claims.requirements import NotOpen
from tasks.orders.order import Ask, Order, OrderState
from tasks.orders.telling import finish_order
from tasks.publishing import managed_task, task_of
from tasks.task import Task


class OrderNotFound(NotFound):
    """Raised when there is no such order, or none that the caller may know of."""

    message = Text("There is no such order.", "指派不存在。")


class OrderKeyReused(Conflict):
    """Raised when an officer's key for an order comes again with another content."""

    message = Text("This key was already used for another order.", "该编号已用于另一次指派。")


class OrderSettled(Conflict):
    """Raised when an order that is to be withdrawn has its answer."""

    message = Text(
        "The order is {state}; it cannot be withdrawn.", "指派状态为 {state}，无法撤回。"
    )


class AlreadyAsked(Conflict):
    """Raised when somebody was asked for this task by a standing order: nobody is asked twice."""

    message = Text(
        "This person was already asked for this task: {person_id}.",
        "该人员已被指派过本任务：{person_id}。",
    )


class TooFewSlots(Refused):
    """Raised when more places are ordered than the task has slots for."""

    message = Text(
        "The task has {slots_left} free places, of which {asked} are being asked for already.",
        "任务剩余 {slots_left} 个名额，其中 {asked} 个正在指派中。",
    )


class UnknownCandidate(Invalid):
    """Raised when a candidate is nobody known."""

    message = Text("There is no such person: {person_id}.", "未找到该人员：{person_id}。")


class UnfitCandidate(Invalid):
    """Raised when a candidate is not what the place of the crew is for."""

    message = Text(
        "This person does not serve as {wanted}: {person_id}.",
        "该人员不属于“{wanted}”：{person_id}。",
    )


class TakesPartAlready(Invalid):
    """Raised when a candidate holds a slot of the task already."""

    message = Text(
        "This person takes part already: {person_id}.", "该人员已领取本任务：{person_id}。"
    )


class CandidateTwice(Invalid):
    """Raised when somebody is named twice in one request."""

    message = Text("Name each person once: {person_id}.", "同一人员不得重复指定：{person_id}。")


@dataclass(frozen=True)
class Place:
    """One place to be filled: as what, and by whom, asked in this sequence."""

    candidates: tuple[str, ...]
    crew_role: str | None = None


def order_people(
    task_id: str, places: Sequence[Place], *, answer_within_minutes: int, key: str, by: Actor
) -> list[Order]:
    """An order for each place, its first candidate asked at once; all of them or none.

    The same key again answers the same orders. Raises NotAllowed, TaskNotFound, NotOpen,
    OrderKeyReused, TooFewSlots, CandidateTwice, UnknownCandidate, UnfitCandidate,
    TakesPartAlready, AlreadyAsked.
    """
    task = managed_task(task_id, by)
    content_hash = _hash_of(task_id, places, answer_within_minutes)
    earlier = _of_key(by.person_id, key, content_hash)
    if earlier:
        return earlier
    _refuse_places(task, places)
    orders = [
        _new_order(task, place, number, answer_within_minutes)
        for number, place in enumerate(places)
    ]
    for order in orders:
        order.ordered_by, order.key, order.content_hash = by.person_id, key, content_hash
        order.validate()

    def decide(session: ClientSession) -> None:
        for order in orders:
            collection(Order).insert_one(order.to_mongo().to_dict(), session=session)

    try:
        in_transaction(decide)
    except DuplicateKeyError:
        standing = _of_key(by.person_id, key, content_hash)
        if standing:
            return standing
        raise AlreadyAsked(person_id=_asked_before(task, orders)) from None
    for order in orders:
        finish_order(order)
    return orders


def _hash_of(task_id: str, places: Sequence[Place], answer_within_minutes: int) -> str:
    plain = orjson.dumps([task_id, [asdict(place) for place in places], answer_within_minutes])
    return hashlib.sha256(plain).hexdigest()


def _of_key(officer_id: str, key: str, content_hash: str) -> list[Order]:
    """The orders that this key made. Raises OrderKeyReused."""
    found = list(Order.objects(ordered_by=officer_id, key=key).order_by("place"))
    if any(order.content_hash != content_hash for order in found):
        raise OrderKeyReused
    return found


def _refuse_places(task: Task, places: Sequence[Place]) -> None:
    if not task.is_open_at(now()):
        raise NotOpen
    asked = Order.objects(task_id=task.id, state=OrderState.ASKED).count()
    if asked + len(places) > task.slots_left:
        raise TooFewSlots(slots_left=task.slots_left, asked=asked)
    seen: set[str] = set()
    for number, place in enumerate(places):
        for turn, person_id in enumerate(place.candidates):
            field = f"places.{number}.candidates.{turn}"
            if person_id in seen:
                raise CandidateTwice(field, person_id=person_id)
            seen.add(person_id)
            _refuse_candidate(task, person_id, place.crew_role, field)


def _refuse_candidate(task: Task, person_id: str, crew_role: str | None, field: str) -> None:
    try:
        person = person_of(person_id)
    except PersonNotFound:
        raise UnknownCandidate(field, person_id=person_id) from None
    if not is_fit(person, crew_role):
        raise UnfitCandidate(field, person_id=person_id, wanted=crew_role)
    if task.claim_of(person_id):
        raise TakesPartAlready(field, person_id=person_id)


def is_fit(person: Person, crew_role: str | None) -> bool:
    """Whether the person holds this role somewhere or serves as this; anybody is fit for None."""
    roles = {held.role.value for held in person.memberships}
    return crew_role is None or crew_role in roles | set(person.serves_as)


def _new_order(task: Task, place: Place, number: int, answer_within_minutes: int) -> Order:
    moment = now()
    first = place.candidates[0]
    answer_by = answer_time(task, moment, answer_within_minutes)
    return Order(
        id=new_id(),
        task_id=task.id,
        unit_id=task.unit_id,
        crew_role=place.crew_role,
        candidates=list(place.candidates),
        answer_within_minutes=answer_within_minutes,
        state=OrderState.ASKED,
        asked_id=first,
        answer_by=answer_by,
        asks=[Ask(person_id=first, asked_at=moment, answer_by=answer_by)],
        asked_ids=[first],
        ordered_at=moment,
        place=number,
        tail_since=real_now(),
    )


def answer_time(task: Task, moment: datetime, answer_within_minutes: int) -> datetime:
    """Until when somebody asked at `moment` may answer: never beyond the task's end."""
    ends_at: datetime = task.ends_at
    return min(moment + timedelta(minutes=answer_within_minutes), ends_at)


def _asked_before(task: Task, orders: Sequence[Order]) -> str:
    firsts = [order.asked_id for order in orders]
    standing = Order.objects(task_id=task.id, asked_ids__in=firsts).first()
    asked = set(standing.asked_ids) if standing else set()
    return ", ".join(person_id for person_id in firsts if person_id in asked) or firsts[0]


def withdraw_order(order_id: str, *, by: Actor) -> Order:
    """The order, taken back: who was asked is told so; repeating it changes nothing.

    Raises NotAllowed, OrderNotFound, OrderSettled.
    """
    order = _known(order_id)
    managed_task(order.task_id, by)
    if order.state != OrderState.WITHDRAWN and not withdraw(order):
        order = _known(order_id)
        if order.state != OrderState.WITHDRAWN:
            raise OrderSettled(state=order.state)
    return _known(order_id)


def withdraw(order: Order) -> bool:
    """Whether the order was open and is withdrawn now; its people may be asked anew."""
    ask = f"asks.{order.turn}"
    changes: dict[str, Any] = {
        "state": OrderState.WITHDRAWN.value,
        "tail_since": real_now(),
        f"{ask}.outcome": OrderState.WITHDRAWN.value,
        f"{ask}.answered_at": now(),
    }
    written = collection(Order).update_one(
        {"_id": order.id, "state": OrderState.ASKED.value, "asked_id": order.asked_id},
        {"$set": changes, "$unset": {"asked_ids": ""}},
    )
    if written.matched_count:
        finish_order(_known(order.id))
    return bool(written.matched_count)


def _known(order_id: str) -> Order:
    found: Order | None = Order.objects.with_id(order_id)
    if found is None:
        raise OrderNotFound
    return found


def orders_of_task(task_id: str, *, before_id: str | None, limit: int, by: Actor) -> list[Order]:
    """The orders of a task, newest first, for its centre. Raises NotAllowed, TaskNotFound."""
    task = task_of(task_id)
    by.must_hold(Role.CENTRE_OFFICER, Role.AUDITOR, at=unit_of(task.unit_id))
    wanted = {"task_id": task.id} | ({"id__lt": before_id} if before_id else {})
    return list(Order.objects(**wanted).order_by("-id").limit(limit))


def orders_to(person_id: str, *, before_id: str | None, limit: int) -> list[Order]:
    """The orders in which the person is the one asked now, or was the last, newest first."""
    wanted = {"asked_id": person_id} | ({"id__lt": before_id} if before_id else {})
    return list(Order.objects(**wanted).order_by("-id").limit(limit))
