"""What the catalogue's tests are set in: units, staff, people with coins."""

from ledger import EntryKind, Leg, NewEntry, balance_of, issued, post_one, wallet
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
        post_one(
            NewEntry(
                key=f"reward:{person.id}:1",
                kind=EntryKind.REWARD,
                legs=[Leg(issued("350102", 2026), -coins), Leg(wallet(person.id), coins)],
                about=("participation", new_id()),
            )
        )
    return Actor(person.id, "s")


def coins_of(actor: Actor) -> int:
    """What is in the actor's wallet."""
    return balance_of(wallet(actor.person_id))
