"""How those who are asked accept or decline, and how silence passes an order on."""

from datetime import timedelta
from typing import Any

from pymongo.errors import DuplicateKeyError

from people import Actor, PersonNotFound, person_of
from shared.clock import now, real_now
from shared.database import collection
from shared.errors import Conflict, DomainError
from shared.i18n import Text
from shared.sweeping import sweep_each
from tasks.orders.order import Order, OrderState
from tasks.orders.ordering import OrderNotFound, answer_time, is_fit, withdraw
from tasks.orders.telling import finish_order
from tasks.participation import Participation
from tasks.publishing import task_of
from tasks.task import Task, TaskState

# A tail that is still running is left alone for this long.
TAIL_TIME = timedelta(seconds=20)
# A tail that failed waits this long, so that it stands in no other's way.
LOOK_AGAIN = timedelta(minutes=1)
BATCH = 500


class AnsweredAlready(Conflict):
    """Raised when the order is no longer open to this person's answer."""

    message = Text(
        "This order is {state}; it no longer waits for your answer.",
        "该指派状态为 {state}，已不再等待您的答复。",
    )


class AnswerTooLate(Conflict):
    """Raised when the time to answer is over; the next in turn is asked."""

    message = Text("The time to answer is over.", "答复时限已过。")


def accept_order(order_id: str, *, by: Actor) -> Order:
    """The order, accepted: its place is claimed for the caller; repeating answers the same.

    Where the claim is refused the order waits for another answer, as long as there is time.
    Raises OrderNotFound, AnsweredAlready, AnswerTooLate, and what claiming by order refuses.
    """
    order = _asked_of(order_id, by)
    if order.state != OrderState.ACCEPTED or order.asked_id != by.person_id:
        order = _accept(order, by)
    try:
        finish_order(order)
    except DomainError:
        _reopen(order)
        raise
    return _reloaded(order)


def _accept(order: Order, by: Actor) -> Order:
    moment = now()
    ask = f"asks__{order.turn}"
    accepted: Order | None = Order.objects(
        id=order.id, state=OrderState.ASKED, asked_id=by.person_id, answer_by__gt=moment
    ).modify(
        new=True,
        set__state=OrderState.ACCEPTED,
        set__tail_since=real_now(),
        **{f"set__{ask}__outcome": OrderState.ACCEPTED, f"set__{ask}__answered_at": moment},
    )
    if accepted is not None:
        return accepted
    order = _reloaded(order)
    if order.state == OrderState.ACCEPTED and order.asked_id == by.person_id:
        return order  # the same acceptance, sent twice at once
    raise _why_not(order, by)


def _reopen(order: Order) -> None:
    """Let the person answer again, where the claim was refused and no twin request made it."""
    if Participation.objects(order_id=order.id, person_id=order.asked_id).count():
        return
    ask = f"asks__{order.turn}"
    Order.objects(
        id=order.id,
        state=OrderState.ACCEPTED,
        asked_id=order.asked_id,
        participation_id=None,
    ).update_one(
        set__state=OrderState.ASKED,
        unset__tail_since=True,
        **{f"unset__{ask}__outcome": True, f"unset__{ask}__answered_at": True},
    )


def refuse_order(order_id: str, reason: str, *, by: Actor) -> Order:
    """The order, declined by the caller with a reason, the next in turn asked; once.

    Raises OrderNotFound, AnsweredAlready.
    """
    order = _asked_of(order_id, by)
    if not _has_declined(order, by) and (
        order.asked_id != by.person_id or not go_on(order, OrderState.DECLINED, reason=reason)
    ):
        order = _reloaded(order)
        if not _has_declined(order, by):
            raise _why_not(order, by)
    return _reloaded(order)


def _has_declined(order: Order, by: Actor) -> bool:
    return any(
        ask.person_id == by.person_id and ask.outcome == OrderState.DECLINED for ask in order.asks
    )


def _asked_of(order_id: str, by: Actor) -> Order:
    """The order, where the caller is or was asked. Raises OrderNotFound."""
    order: Order | None = Order.objects.with_id(order_id)
    if order is None or not any(ask.person_id == by.person_id for ask in order.asks):
        raise OrderNotFound
    return order


def _reloaded(order: Order) -> Order:
    found: Order = Order.objects.with_id(order.id)
    return found


def _why_not(order: Order, by: Actor) -> Conflict:
    own = next(ask for ask in order.asks if ask.person_id == by.person_id)
    is_open = order.state == OrderState.ASKED and order.asked_id == by.person_id
    if is_open or own.outcome == OrderState.UNANSWERED:
        return AnswerTooLate()
    return AnsweredAlready(state=own.outcome or order.state)


def go_on(
    order: Order,
    outcome: OrderState,
    *,
    reason: str | None = None,
    hindrance: str | None = None,
    state: OrderState = OrderState.ASKED,
    lost_id: str | None = None,
) -> bool:
    """Whether this ended the open ask: then the next in turn is asked, or nobody is left.

    One guarded write does both; `state` is what the order must be in, `lost_id` the participation
    that it came to and that has ended.
    """
    told = {"outcome": outcome.value, "answered_at": now(), "reason": reason}
    told["hindrance"] = hindrance
    ended = {f"asks.{order.turn}.{name}": value for name, value in told.items() if value}
    task = task_of(order.task_id)
    for next_id in [*_in_turn(order, task, must_have_slot=lost_id is not None), None]:
        step: dict[str, Any] = {
            "$set": ended | {"tail_since": real_now()},
            "$unset": {"participation_id": "", "look_again_at": ""},
        }
        if next_id is None:
            step["$set"]["state"] = outcome.value
        else:
            step["$set"] |= _asking(order, task, next_id)
            step["$push"] = {"asked_ids": next_id}
        try:
            written = collection(Order).update_one(_still(order, state, lost_id), step)
        except DuplicateKeyError:
            continue  # asked by another order of this task meanwhile
        if written.matched_count:
            finish_order(_reloaded(order))
        return bool(written.matched_count)
    raise AssertionError("the last step asks nobody, so no key stands in its way")


def _still(order: Order, state: OrderState, lost_id: str | None) -> dict[str, Any]:
    """The order as it was read: this ask is the last, and nothing else was claimed by it."""
    return {
        "_id": order.id,
        "state": state.value,
        "asked_id": order.asked_id,
        "participation_id": lost_id,
        f"asks.{order.turn + 1}": {"$exists": False},
    }


def _asking(order: Order, task: Task, person_id: str) -> dict[str, Any]:
    moment = now()
    answer_by = answer_time(task, moment, order.answer_within_minutes)
    ask = {"person_id": person_id, "asked_at": moment, "answer_by": answer_by}
    return {
        "state": OrderState.ASKED.value,
        "asked_id": person_id,
        "answer_by": answer_by,
        f"asks.{order.turn + 1}": ask,
    }


def _in_turn(order: Order, task: Task, *, must_have_slot: bool) -> list[str]:
    """Who may be asked next: still fit, and not taking part already; nobody once it is over."""
    # A place given up may have gone to who waited in the line: then there is none to ask for.
    if not task.is_open_at(now()) or (must_have_slot and not task.slots_left):
        return []
    place = order.candidates.index(order.asked_id) + 1
    return [
        person_id
        for person_id in order.candidates[place:]
        if task.claim_of(person_id) is None and _is_still_fit(person_id, order)
    ]


def _is_still_fit(person_id: str, order: Order) -> bool:
    try:
        return is_fit(person_of(person_id), order.crew_role)
    except PersonNotFound:
        return False


def pass_orders_on() -> int:
    """Pass on orders whose time to answer is over; withdraw those of tasks called off or closed."""
    over = Order.objects(state=OrderState.ASKED, answer_by__lte=real_now()).limit(BATCH)
    passed = sweep_each(over, _pass_on)
    asked_for = Order.objects(state=OrderState.ASKED).distinct("task_id")
    ended = Task.objects(id__in=asked_for, state__ne=TaskState.PUBLISHED).scalar("id")
    vain = Order.objects(state=OrderState.ASKED, task_id__in=list(ended)).limit(BATCH)
    return passed + sweep_each(vain, withdraw)


def _pass_on(order: Order) -> bool:
    return go_on(order, OrderState.UNANSWERED)


def finish_orders() -> int:
    """Run the tails of orders that were cut off: notices, and claims of those who accepted."""
    before = real_now() - TAIL_TIME
    return sweep_each(Order.objects(tail_since__lte=before).limit(BATCH), _finish)


def _finish(order: Order) -> None:
    # First of all, so that one that fails waits its turn.
    Order.objects(id=order.id, tail_since=order.tail_since).update_one(
        set__tail_since=real_now() + LOOK_AGAIN
    )
    try:
        finish_order(order)
    except DomainError as refusal:
        if order.state != OrderState.ACCEPTED:
            raise
        # Accepted, and nobody is there any more to hear why it came to nothing.
        hindrance = type(refusal).__name__
        go_on(order, OrderState.DECLINED, hindrance=hindrance, state=OrderState.ACCEPTED)
