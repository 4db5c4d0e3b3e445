"""What follows where somebody accepted an order and does not come: the next in turn is asked."""

from collections.abc import Mapping
from datetime import timedelta

from shared.clock import real_now
from shared.sweeping import sweep_each
from tasks.orders.answering import go_on
from tasks.orders.order import Order, OrderState
from tasks.participation import ENDED_UNWALKED, Participation, ParticipationState
from tasks.task import Task

LOOK_AGAIN = timedelta(seconds=30)
BATCH = 500


def replace_lost() -> int:
    """Pass on accepted orders whose claim ended before it was started, while the task is open.

    Each accepted order is looked at every half minute, until its claim was started.
    """
    moment = real_now()
    due = list(Order.objects(look_again_at__lte=moment).order_by("look_again_at").limit(BATCH))
    # First of all, so that one that fails waits its turn.
    Order.objects(id__in=[order.id for order in due], look_again_at__ne=None).update(
        set__look_again_at=moment + LOOK_AGAIN
    )
    ids = [order.participation_id for order in due if order.participation_id]
    claims = Participation.objects(id__in=ids).only("state", "settled").in_bulk(ids)

    def replace(order: Order) -> bool:
        return _replace(order, claims)

    return sweep_each(due, replace)


def _replace(order: Order, claims: Mapping[str, Participation]) -> bool:
    claim = claims.get(order.participation_id or "")
    if claim is None or claim.state == ParticipationState.CLAIMED:
        return False
    if claim.state not in ENDED_UNWALKED:
        return _look_no_more(order)
    if not claim.settled:
        return False  # its slot is not given back yet
    task: Task | None = Task.objects.with_id(order.task_id)
    if task is None or not task.is_open_at(real_now()):
        return _look_no_more(order)
    return go_on(
        order,
        OrderState.DECLINED,
        hindrance=claim.state,
        state=OrderState.ACCEPTED,
        lost_id=claim.id,
    )


def _look_no_more(order: Order) -> bool:
    seen = {"id": order.id, "participation_id": order.participation_id}
    Order.objects(**seen).update_one(unset__look_again_at=True)
    return False
