"""The honours' jobs, by name: the sweep counts anew whoever had something settled."""

from collections.abc import Callable

from honours import counting_everybody, counting_units, noting_settled, recounting
from honours.badges import awarding_badges
from honours.certificates import doubting_certificates
from honours.commendations import telling_commendations
from honours.leagues import checking_seasons, keeping_leagues, publishing_ranks
from honours.quests import counting_quests, taking_quests
from shared.sweeping import sweep_passes

# What the sweep does, in this order: a pass that fails stops none of the others.
PASSES: tuple[tuple[str, Callable[[], int]], ...] = (
    ("noted", noting_settled.note_settled),
    ("recounted", recounting.recount_noted),
    ("badges_told", awarding_badges.tell_untold),
    ("quests_opened", counting_quests.ask_for_opened),
    ("quests_counted", counting_quests.count_participants),
    ("quests_told", taking_quests.tell_untold_quests),
    ("certificates_revoked", doubting_certificates.settle_doubts),
    ("revocations_told", doubting_certificates.tell_revoked),
    ("commendations_told", telling_commendations.tell_commendations),
)


def recount_everybody() -> int:
    """A step of the nightly count of everybody; how many it counted."""
    return counting_everybody.recount_everybody()


def count_unit(unit_id: str) -> bool:
    """Count a unit's page anew, at most once a day."""
    return counting_units.count_unit(unit_id)


def count_units() -> int:
    """Count the pages of units that were looked at and are stale, for a step; how many."""
    return counting_units.count_asked_units()


def publish_season(season_id: str) -> bool:
    """Publish the ranks of one season, where they are due; whether they were."""
    return publishing_ranks.publish_if_due(season_id)


def check_season(season_id: str) -> bool:
    """Hold a season's published ranks against a recount; whether it was done."""
    return checking_seasons.check_season(season_id)


def keep_leagues() -> dict[str, int]:
    """Open seasons, have ranks published, tell of closings; how much of each."""
    return keeping_leagues.keep_leagues()


def sweep() -> dict[str, int]:
    """Do what is due; how much of each pass."""
    return sweep_passes(PASSES)
