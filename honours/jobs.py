"""The honours' jobs, by name: the sweep counts anew whoever had something settled."""

from collections.abc import Callable

from honours import counting, counting_units, recounting
from honours.badges import awarding_badges
from honours.certificates import doubting_certificates
from honours.commendations import telling_commendations
from honours.leagues import keeping_leagues
from honours.quests import taking_quests
from shared.sweeping import sweep_passes

# What the sweep does, in this order: a pass that fails stops none of the others.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("noted", recounting.note_settled),
    ("recounted", recounting.recount_noted),
    ("units_counted", counting_units.count_asked_units),
    ("badges_told", awarding_badges.tell_untold),
    ("quests_told", taking_quests.tell_untold_quests),
    ("certificates_doubted", doubting_certificates.doubt_certificates),
    ("certificates_revoked", doubting_certificates.settle_doubts),
    ("revocations_told", doubting_certificates.tell_revoked),
    ("commendations_told", telling_commendations.tell_commendations),
)


def recount(person_id: str) -> None:
    """Count one person's verified work anew."""
    counting.recount_person(person_id)


def recount_everybody() -> int:
    """A step of the nightly count of everybody; how many it counted."""
    return recounting.recount_everybody()


def count_unit(unit_id: str) -> bool:
    """Count a unit's page anew, at most once an hour."""
    return counting_units.count_unit(unit_id)


def keep_leagues() -> dict[str, int]:
    """Open seasons, publish ranks and tell of closings, whatever is due; how much of each."""
    return keeping_leagues.keep_leagues()


def sweep() -> dict[str, int]:
    """Do what is due; how much of each pass."""
    return sweep_passes(PASSES)
