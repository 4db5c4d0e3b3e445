"""Sound requests around proof, for the fuzzed API to spoil: who asks, and the body."""

from typing import Any

from tests.tasks.proofs.questions import QUESTIONS


def of_proofs(world: Any) -> dict[str, tuple[str, Any]]:
    """Operation → the caller and a sound body; of photos what is no picture, for it is raw."""
    of_one = "POST /participations/{participation_id}"
    position = {"lat": 26.0885, "lon": 119.2925, "datum": "wgs84"}
    line = {"item": "传单", "place": "鼓西一村", "count": 3, "photo_ids": []}
    log = {"text": "平安", "incidents": 0, "present": [{"role": "teacher", "count": 1}]}
    sheet = {"unit_id": world.town.street.id, "title": "防诈", "questions": QUESTIONS}
    return {
        f"{of_one}/photos": ("resident", {}),
        f"{of_one}/hand-outs": ("resident", line),
        f"{of_one}/log": ("resident", log),
        f"{of_one}/attendance": ("resident", {"code": "attend:x", "position": position}),
        f"{of_one}/test": ("resident", {"answers": [[0], [1]]}),
        "POST /question-sheets": ("officer", sheet),
    }
