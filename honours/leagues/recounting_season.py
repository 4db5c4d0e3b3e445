"""The proof of published ranks: a recount of the work, held against the edition as of its moment.

What changed since (a verdict, a home, a wish, a population) excuses the units it concerns, and
no others; the order of the published edition itself is recounted whole.
"""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import NamedTuple

from honours.leagues.batches import in_batches
from honours.leagues.league import Measure
from honours.leagues.league_counting import tallies_of
from honours.leagues.league_field import LeagueField
from honours.leagues.league_wishes import wishes_changed_since
from honours.leagues.publishing_ranks import per_of
from honours.leagues.putting_populations import populations_put_since
from honours.leagues.ranking import Tally, is_ranked, score_of
from honours.leagues.season import Season
from honours.leagues.standing import Standing
from honours.leagues.unit_place import SeasonNotFound
from people import Role, belongings_of, moved_since
from shared.clock import real_now
from shared.database import collection
from tasks import people_settled_between

RECOUNTERS = (Role.ADMIN, Role.AUDITOR)
# What was stamped before the edition's moment may have become visible after it.
MARGIN = timedelta(minutes=5)
AT_ONCE = 2_000
SHOWN_WRONG = 100
ASKED_OF = timedelta(days=28)


class SeasonRecount(NamedTuple):
    """What a recount says of the published edition.

    `agreeing` units do to the last figure; `moved_on` differ, and something of theirs changed
    since; `wrong` are the first hundred that differ without that, or stand in a wrong order;
    `is_whole` where there are as many standings as were published.
    """

    season_id: str
    edition: int
    counted_at: datetime | None
    agreeing: int
    moved_on: int
    wrong: list[str]
    is_whole: bool

    @property
    def agrees(self) -> bool:
        """Whether nothing is wrong or missing."""
        return self.is_whole and not self.wrong


def recount_season(season_id: str) -> SeasonRecount:
    """Whether the published edition of a season agrees with a recount. Raises SeasonNotFound."""
    season: Season | None = Season.objects(id=season_id).first()
    if season is None:
        raise SeasonNotFound
    if not season.published_edition:
        return SeasonRecount(season_id, 0, None, 0, 0, [], is_whole=True)
    published = _published(season)
    counted = {one.unit_id: one for one in tallies_of(season) if _is_shown(season, one)}
    moved = _moved_on(season, season.counted_at - MARGIN)
    # Read twice: whoever published in between has taken the old edition with them.
    again = Season.objects(id=season_id).only("published_edition").first()
    if again.published_edition != season.published_edition:
        return recount_season(season_id)
    every = set(published) | set(counted)
    differing = {one for one in every if _tally(published.get(one)) != counted.get(one)}
    wrong = (differing - moved) | _out_of_order(season, published)
    return SeasonRecount(
        season_id,
        season.published_edition,
        season.counted_at,
        agreeing=len(every - differing - wrong),
        moved_on=len(differing & moved),
        wrong=sorted(wrong)[:SHOWN_WRONG],
        is_whole=len(published) == season.ranked,
    )


def _published(season: Season) -> dict[str, Standing]:
    wanted = {"season_id": season.id, "edition": season.published_edition}
    rows = collection(Standing).find(wanted)
    return {row["unit_id"]: Standing._from_son(row) for row in rows}


def _is_shown(season: Season, tally: Tally) -> bool:
    return is_ranked(tally, least_contributors=season.least_contributors)


def _tally(one: Standing | None) -> Tally | None:
    return one and Tally(one.unit_id, one.raw, one.population, one.contributors)


def _out_of_order(season: Season, published: dict[str, Standing]) -> set[str]:
    """Units whose score does not follow from their sum, or whose rank or place from the scores.

    Plainly: a rank is one more than how many scores are better.
    """
    rows = sorted(published.values(), key=lambda one: one.place)
    scores = sorted(-one.score for one in rows)
    measure, per = Measure(season.measure).value, per_of(season)
    return {
        one.unit_id
        for number, one in enumerate(rows, 1)
        if one.score != score_of(one.raw, one.population, measure=measure, per=per)
        or one.rank != 1 + bisect_left(scores, -one.score)
        or one.place != number
    }


def _settled_since(since: datetime) -> set[str]:
    """Some weeks at a time: of years, one answer would be larger than an answer may be."""
    found: set[str] = set()
    after, until = since, real_now()
    while after < until:
        found.update(people_settled_between(after, min(after + ASKED_OF, until)))
        after += ASKED_OF
    return found


def _moved_on(season: Season, since: datetime) -> set[str]:
    """The units of the field for which anything changed since."""
    field = LeagueField(season.unit_id, season.field)
    moved = moved_since(since)
    people = {*_settled_since(since), *moved, *wishes_changed_since(since)}
    found = populations_put_since(since)
    units = {unit_id for every in moved.values() for unit_id in every}
    field.learn(units)
    found |= {field.around(unit_id) or unit_id for unit_id in units}
    for some in in_batches(sorted(people), AT_ONCE):
        every = belongings_of(some).values()
        field.learn({one.unit_id for held in every for one in held})
        found |= {unit_id for held in every for unit_id in field.units_for(held)}
    return found
