"""Rounds: a pass that has to look at many documents looks at some of them a run, in turns.

Where a round has come to is kept in Valkey; lost, it begins again, which is harmless.
"""

from typing import Any

from shared.database import Document, collection
from shared.queue import valkey


def next_in_round(
    name: str, documents: type[Document], wanted: dict[str, Any], shown: dict[str, int], most: int
) -> list[dict[str, Any]]:
    """The next `most` documents of the round `name`, by id; after the last ones it begins anew."""
    place = f"catalog:round:{name}"
    kept = valkey().get(place)
    after = kept.decode() if isinstance(kept, bytes) else ""
    found = collection(documents).find({**wanted, "_id": {"$gt": after}}, shown)
    rows = list(found.sort("_id", 1).limit(most))
    if len(rows) < most:
        valkey().delete(place)
    else:
        valkey().set(place, rows[-1]["_id"])
    return rows
