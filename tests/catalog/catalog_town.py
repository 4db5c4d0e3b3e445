"""What the catalogue's tests are set in: units, staff, people with coins."""

from ledger import EntryKind, Leg, NewEntry, balance_of, budget, issued, post_one, wallet
from people import Actor, Held, Person, Role, Unit, UnitKind
from shared.clock import now
from shared.ids import new_id, random_id


def add_unit(name: str, kind: UnitKind, parent: Unit | None = None, **more) -> Unit:
    """A unit under `parent`, with a code of its own."""
    unit_id = new_id()
    return Unit(
        id=unit_id,
        kind=kind,
        name=name,
        code=unit_id,
        parent_id=parent.id if parent else "",
        lineage=[*(parent.lineage if parent else []), unit_id],
        **more,
    ).save()


def staff(role: Role, unit: Unit) -> Actor:
    """Somebody signed in who holds one role at one unit."""
    return Actor(random_id(), "s", (Held(role, unit.id),))


def add_person(coins: int = 0, *, real_name: bool = True) -> Actor:
    """A resident with coins in the wallet."""
    person = Person(id=random_id(), real_name_at=now() if real_name else None).save()
    if coins:
        earn(person.id, coins)
    return Actor(person.id, "s")


def earn(person_id: str, coins: int, *, key: str = "1", lasts_months: int | None = None) -> None:
    """Put coins into a wallet as they come there: out of what was granted to a unit."""
    source = budget("350102", 2026)
    granted = [Leg(issued("350102", 2026), -coins), Leg(source, coins)]
    earned = [Leg(source, -coins), Leg(wallet(person_id), coins)]
    unit, about = ("unit", "350102"), ("participation", new_id())
    post_one(NewEntry(f"grant:{person_id}:{key}", EntryKind.BUDGET_GRANT, granted, unit))
    post_one(
        NewEntry(
            f"reward:{person_id}:{key}",
            EntryKind.REWARD,
            earned,
            about,
            lasts_months=lasts_months,
        )
    )


def coins_of(actor: Actor) -> int:
    """What is in the actor's wallet."""
    return balance_of(wallet(actor.person_id))
