"""What a phone app is answered: the places of the walk going on, once, or when its owner asks."""

from typing import Any

from shared.database import collection
from tasks.devices.device import Device
from tasks.devices.owntracks import places_command
from tasks.devices.receiving import Walk
from tasks.task import Task


def places_for(device: Device, walk: Walk | None, *, asked: bool = False) -> list[dict[str, Any]]:
    """The commands that lay the walk's task on the app's map: one, or none.

    Each walk's places are told once to each device, and again where the owner `asked`.
    """
    if walk is None or (device.told_of == walk.participation_id and not asked):
        return []
    task = collection(Task).find_one({"_id": walk.task_id}, {"title": 1, "area": 1, "checks": 1})
    if task is None:
        return []
    Device.objects(id=device.id).update_one(set__told_of=walk.participation_id)
    started_s = int(walk.started_at.timestamp())
    command = places_command(
        task["title"], task["area"], task["checks"], started_s=started_s, datum=device.datum
    )
    return [command]
