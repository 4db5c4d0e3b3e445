"""A town with volunteers whose work is counted, for tests of badges and quests."""

from datetime import timedelta

from fixtures.factories import a_resident, a_town, a_unit, staff
from honours import badges_of, put_badge, recount_person
from notices import inbox_of
from people import Role, UnitKind
from shared.clock import now, pretending
from tests.worked import work

WHY = "示例原因"


class BadgeTown:
    """A street with two communities below it, an officer, an admin, and volunteers on demand."""

    def __init__(self):
        made = a_town()
        self.city, self.district, self.street = made.city, made.district, made.street
        self.first, self.second = (
            a_unit(UnitKind.CIVIL, self.street, level="community") for _ in "12"
        )
        self.officer = staff(Role.CENTRE_OFFICER, at=self.street)
        self.admin = staff(Role.ADMIN, at=self.city)

    def volunteer(self):
        """Somebody at home in the street."""
        return a_resident(home=self.street)

    def badge(self, badge_id, *, version=0, name=None, active=True, **rule):
        """A badge of the city's own, of one rule."""
        content = {
            "active": active,
            "name": name or {"en": badge_id, "zh": "徽章"},
            "words": {"en": "For this.", "zh": "为此。"},
            "rule": rule,
        }
        return put_badge(badge_id, content, version=version, why=WHY, by=self.admin)


def worked(person, unit, *, days_ago=1.0, **more):
    """The id of a participation that was verified."""
    return work(person, unit, starts_at=now() - timedelta(days=days_ago), **more)


def counted(person):
    """The states of a person's badges after a count, by badge."""
    recount_person(person.person_id)
    return states_of(person)


def states_of(person):
    """The states of a person's badges, by badge."""
    own = badges_of(person.person_id, by=person)
    return {one.held.badge_id: one.held.state.value for one in own}


def told(person, *names):
    """How often the person was told notices of these names, whatever the hour."""
    with pretending(now() + timedelta(days=60)):
        items = inbox_of(person.person_id, limit=100).items
    return sum(one.name in names for one in items)


def at_least(count, **more):
    """A threshold of so many pieces of work."""
    return {"rule": "threshold", "measure": "count", "at_least": count} | more
