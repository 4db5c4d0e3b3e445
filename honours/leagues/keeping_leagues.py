"""What leagues need from time to time, in order: seasons opened, ranks asked for, closings told."""

from collections.abc import Callable

from honours.leagues.closing_seasons import tell_closed
from honours.leagues.opening_seasons import open_due_seasons
from honours.leagues.publishing_ranks import ask_for_due_ranks, tidy_closed
from shared.sweeping import sweep_passes

# A step that fails stops none of the others.
STEPS: tuple[tuple[str, Callable[[], int]], ...] = (
    ("opened", open_due_seasons),
    ("asked", ask_for_due_ranks),
    ("told", tell_closed),
    ("tidied", tidy_closed),
)


def keep_leagues() -> dict[str, int]:
    """Do whatever of leagues is due; how much of each step. Safe to repeat and to race."""
    return sweep_passes(STEPS)
