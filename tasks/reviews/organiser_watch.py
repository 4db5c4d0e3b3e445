"""Who publishes for whom, and who reviews whom: what an auditor should look at. Pure.

A pattern proves nothing; it says where to look. Small numbers are left out, for among few tasks
everybody is somebody's most frequent volunteer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

LEAST_WALKS = 8
# A volunteer who gets half of what an officer's tasks pay is not one among many.
BENEFICIARY_SHARE = 0.5
# Decided by one reviewer more often than by all others together, and always in favour.
REVIEWS_SHARE = 0.5
# A blind second look that differs this often says something of who looked first.
DIFFERING_SHARE = 0.3
BACK_FILLED_SHARE = 0.2


class Pattern(StrEnum):
    """What is conspicuous."""

    ONE_BENEFICIARY = "one_beneficiary"
    ONE_REVIEWER = "one_reviewer"
    SECOND_LOOKS_DIFFER = "second_looks_differ"
    MUCH_BACK_FILLED = "much_back_filled"


@dataclass(frozen=True)
class Work:
    """One decided walk: whose it is, who published its task, who decided, what it paid."""

    person_id: str
    published_by: str
    reviewer_id: str | None
    verified: bool
    coins: int
    back_filled_by: str | None = None


@dataclass(frozen=True)
class Looked:
    """One second look: whose verdict it was of, and whether it agreed."""

    reviewer_id: str
    agreed: bool


@dataclass(frozen=True)
class Conspicuous:
    """`count` of `total` (walks, looks) or their coins: of which organiser, for whom."""

    pattern: Pattern
    organiser_id: str
    person_id: str | None
    count: int
    total: int
    share: float


def conspicuous(work: Iterable[Work], looked: Iterable[Looked]) -> list[Conspicuous]:
    """The patterns in what was decided, the largest share first."""
    work = list(work)
    found = [
        *_beneficiaries(work),
        *_reviewers(work),
        *_differing(looked),
        *_back_filling(work),
    ]
    return sorted(found, key=lambda one: (-one.share, one.pattern, one.organiser_id))


def _beneficiaries(work: list[Work]) -> Iterator[Conspicuous]:
    """Publishers of whose paid coins one person got the most."""
    paid: dict[str, Counter[str]] = defaultdict(Counter)
    walks: dict[str, Counter[str]] = defaultdict(Counter)
    for one in work:
        if one.verified and one.coins:
            paid[one.published_by][one.person_id] += one.coins
            walks[one.published_by][one.person_id] += 1
    for publisher, coins in paid.items():
        (person, most), total = coins.most_common(1)[0], coins.total()
        count, of = walks[publisher][person], walks[publisher].total()
        if of >= LEAST_WALKS and most / total >= BENEFICIARY_SHARE:
            yield _one(Pattern.ONE_BENEFICIARY, publisher, person, count, of, most / total)


def _reviewers(work: list[Work]) -> Iterator[Conspicuous]:
    """Reviewers who decide most of one person's reviewed walks, all of them in favour."""
    reviewed: dict[str, Counter[str]] = defaultdict(Counter)
    refused: set[tuple[str, str]] = set()
    for one in work:
        if one.reviewer_id:
            reviewed[one.person_id][one.reviewer_id] += 1
            if not one.verified:
                refused.add((one.person_id, one.reviewer_id))
    for person, reviewers in reviewed.items():
        (reviewer, count), of = reviewers.most_common(1)[0], reviewers.total()
        many = of >= LEAST_WALKS and count / of > REVIEWS_SHARE
        if many and (person, reviewer) not in refused:
            yield _one(Pattern.ONE_REVIEWER, reviewer, person, count, of)


def _differing(looked: Iterable[Looked]) -> Iterator[Conspicuous]:
    """Reviewers whose verdicts a blind second look often does not share."""
    seen: dict[str, list[bool]] = defaultdict(list)
    for look in looked:
        seen[look.reviewer_id].append(look.agreed)
    for reviewer, agreed in seen.items():
        differing = agreed.count(False)
        if len(agreed) >= LEAST_WALKS and differing / len(agreed) >= DIFFERING_SHARE:
            yield _one(Pattern.SECOND_LOOKS_DIFFER, reviewer, None, differing, len(agreed))


def _back_filling(work: list[Work]) -> Iterator[Conspicuous]:
    """Officers who wrote down afterwards much of what happened at their unit's tasks."""
    written = Counter(one.back_filled_by for one in work if one.back_filled_by)
    for officer, count in written.items():
        if len(work) >= LEAST_WALKS and count / len(work) >= BACK_FILLED_SHARE:
            yield _one(Pattern.MUCH_BACK_FILLED, officer, None, count, len(work))


def _one(
    pattern: Pattern,
    organiser_id: str,
    person_id: str | None,
    count: int,
    total: int,
    share: float | None = None,
) -> Conspicuous:
    part = count / total if share is None else share
    return Conspicuous(pattern, organiser_id, person_id, count, total, round(part, 3))
