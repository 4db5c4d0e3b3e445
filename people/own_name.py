"""One's own real name, opened for its owner alone: for papers that they print themselves."""

from people.actor import Actor
from people.questions import known_person_of
from shared.sealing import unseal


def own_name_of(by: Actor) -> str:
    """The caller's real name. Raises PersonNotFound, RealNameMissing.

    Opened for their owner alone, so it is not on the trail.
    """
    person = known_person_of(by.person_id)
    return unseal(person.real_name_sealed, bound_to=person.seal_place("real_name"))
