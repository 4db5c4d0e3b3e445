"""How far a unit's budget of a year is drawn, and when that warns and when it stops. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BudgetStanding:
    """A unit's budget of a year from one fund, its quarters' envelopes included, in Fu coins.

    `left` is what is not yet put into tasks, wherever it lies; `set_aside_in_quarters` is the
    part of it that lies in the budgets of quarters. Percents are None where no rule names them.
    """

    unit_id: str
    year: int
    fund: str
    granted: int
    moved_in: int
    moved_out: int
    set_aside_in_quarters: int
    left: int
    warn_percent: int | None = None
    stop_percent: int | None = None

    @property
    def had(self) -> int:
        """All that was ever there to be drawn: granted, and moved in less moved out."""
        return self.granted + self.moved_in - self.moved_out

    @property
    def drawn(self) -> int:
        """What was put into tasks and has not come back from them."""
        return self.had - self.left

    @property
    def warn_at(self) -> int | None:
        """How much drawn is enough to warn: at least one coin."""
        if self.warn_percent is None:
            return None
        return max(1, share_of(self.had, self.warn_percent) or 0)

    @property
    def stop_at(self) -> int | None:
        """The most that publications may draw."""
        return share_of(self.had, self.stop_percent)

    @property
    def is_warned(self) -> bool:
        """Whether so much is drawn that it warns."""
        return self.warn_at is not None and self.had > 0 and self.drawn >= self.warn_at

    @property
    def may_draw(self) -> int:
        """How much publications may draw from here on: never below what the stop keeps back."""
        if self.stop_at is None:
            return max(self.left, 0)
        return max(min(self.left, self.stop_at - self.drawn), 0)

    @property
    def is_stopped(self) -> bool:
        """Whether the stop threshold is reached: nothing more may be published from it."""
        return self.stop_at is not None and self.may_draw == 0


def share_of(coins: int, percent: int | None) -> int | None:
    """So many percent of the coins, rounded down to whole ones; None where no percent is set."""
    return None if percent is None else coins * percent // 100
