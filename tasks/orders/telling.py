"""The tail of every step of an order: who is told, and the claim that an acceptance makes."""

from notices import tell
from shared.clock import real_now
from tasks.claiming import claim_by_order
from tasks.orders.order import Order, OrderState
from tasks.participation import ENDED_UNWALKED, Participation
from tasks.publishing import task_of
from tasks.task import Task, TaskState


def finish_order(order: Order) -> None:
    """Run the order's tail as its state asks, and note that it ran; harmless to repeat.

    Where it was accepted: raises what claiming by order refuses.
    """
    task = task_of(order.task_id)
    if order.state == OrderState.ACCEPTED:
        _claim(order)
    elif order.state == OrderState.ASKED:
        _ask(order, task)
    elif order.state == OrderState.WITHDRAWN:
        key = f"order:{order.id}:withdrawn"
        tell(order.asked_id, "order_withdrawn", _facts(order, task), key=key)
    elif task.state == TaskState.PUBLISHED:
        key = f"order:{order.id}:nobody-left"
        if order.asks[-1].hindrance in ENDED_UNWALKED:
            tell(order.ordered_by, "order_place_empty", _facts(order, task), key=key)
        else:
            tell(order.ordered_by, "order_nobody_left", _facts(order, task), key=key)
    # Another step taken meanwhile has a tail of its own.
    Order.objects(id=order.id, state=order.state, asked_id=order.asked_id).update_one(
        unset__tail_since=True
    )


def _facts(order: Order, task: Task) -> dict[str, object]:
    return {"title": task.title, "order_id": order.id, "task_id": task.id}


def _ask(order: Order, task: Task) -> None:
    facts = _facts(order, task) | {
        "place": task.place,
        "starts_at": task.starts_at,
        "answer_until": order.answer_by,
    }
    tell(order.asked_id, "order_asked", facts, key=f"order:{order.id}:{order.turn}")


def _claim(order: Order) -> None:
    """Claim the slot for who accepted, where that was not done before."""
    standing = Participation.objects(order_id=order.id, person_id=order.asked_id).first()
    claimed = standing or claim_by_order(
        order.task_id,
        person_id=order.asked_id,
        order_id=order.id,
        crew_role=order.crew_role,
    )
    Order.objects(id=order.id, state=OrderState.ACCEPTED, asked_id=order.asked_id).update_one(
        set__participation_id=claimed.id, set__look_again_at=real_now()
    )
