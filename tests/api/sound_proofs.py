"""Sound requests around proof, for the fuzzed API to spoil: who asks, and the body."""

from typing import Any

from sound_world import LINE, Sound

from tasks import attendance_code
from tests.pictures import file_of, scene
from tests.tasks.proofs.questions import QUESTIONS


def of_proofs(world: Any) -> dict[str, Sound]:
    """Operation → a sound request of the walk that is under way."""
    of_one = "POST /participations/{participation_id}"
    position = {"lat": 26.0885, "lon": 119.2925, "datum": "wgs84"}
    log = {"text": "平安", "incidents": 0, "present": [{"role": "teacher", "count": 1}]}
    sheet = {"unit_id": world.town.street.id, "title": "防诈", "questions": QUESTIONS}
    code = attendance_code(world.tasks[0].id, by=world.actors["officer"])
    picture = file_of(scene(2, size=(160, 120)))
    about = "upload_key=p-1&lat=26.0885&lon=119.2925&datum=gcj02"
    return {
        f"{of_one}/photos": Sound("resident", picture, kind="image/jpeg", query=about),
        f"{of_one}/hand-outs": Sound("resident", LINE),
        f"{of_one}/log": Sound("resident", log),
        f"{of_one}/attendance": Sound("resident", {"code": code, "position": position}),
        f"{of_one}/test": Sound("resident", {"answers": [[0], [1]]}),
        "POST /question-sheets": Sound("officer", sheet),
    }
