"""What the tests of the catalogue's proof are set in, and writing into it past every guard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from catalog_town import add_person, staff

from catalog import (
    MatterKind,
    Reward,
    RewardKind,
    Stock,
    TopUpDelivery,
    Voucher,
    award_in_kind,
    cancel_voucher,
    confirm_statement,
    draft_reward,
    import_codes,
    offer_reward,
    open_ticket,
    order_reward,
    pay_statement,
    prove_catalogue,
    settle_statement,
)
from catalog.pools.pool_code import PoolCode
from catalog.providers.concluding import conclude
from catalog.providers.delivery import Source
from catalog.providers.port import Outcome, OutcomeKind
from catalog.providers.putting import put_provider
from catalog.scanning.redeeming import settle_redemption
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from catalog.settlement.statement_line import StatementLine
from fixtures.factories import put_card
from ledger import Balance, Entry, Hold
from people import Actor, Role
from rates import budget_year_of, grant_fund, open_fund
from shared.clock import now, pretending
from shared.database import Document, collection
from shared.ids import new_id

PHONE = "+8613800138000"
LINES = [{"kind": "patrol", "base": 0, "per_hour": 50}]
DAY = timedelta(days=1)
SPOILT = (Voucher, Stock, PoolCode, TopUpDelivery, PointStatement, StatementLine, Reward)
SPOILT += (Entry, Balance, Hold)
_numbers = count()


def build_world(town: Any, offer: Callable[..., str]) -> SimpleNamespace:
    """The ids of vouchers by what became of them, and of what stands behind them; all sound."""
    world = SimpleNamespace(town=town, goods=offer(price=100, supplied=50))
    rates = staff(Role.RATE_ADMIN, town.district)
    with pretending(now() - 9 * DAY):
        soon = now() + timedelta(hours=1)
        put_card(town.district.id, soon, LINES, fen_per_10000_coins=20_000, by=rates)
    open_fund("safety", town.district.id, "平安建设经费", by=rates)
    grant_fund("safety", budget_year_of(now()), 9_000, "paper", key="grant-0001", by=rates)
    # The day before yesterday's statement is paid, yesterday's waits.
    world.paid, world.statement = _stated(world, days_ago=3)
    pay_statement(
        settle_statement(world.statement, by=town.officer).id,
        fund="safety",
        reference="bank-1",
        by=town.officer,
    )
    world.stated, world.waiting = _stated(world, days_ago=2)
    world.issued, world.cancelled = an_order(world), an_order(world)
    cancel_voucher(world.cancelled, by=owner_of(world.cancelled))
    world.redeemed = redeem(an_order(world))
    world.on_the_way = redeem(an_order(world), settled=False)
    world.award = _an_award(world)
    world.reward, world.ticket, world.opened = _tickets(world)
    world.top_up, world.delivered = _top_ups(world, offer)
    return world


def an_order(world: SimpleNamespace, reward_id: str = "", **more: Any) -> str:
    """Somebody orders; the voucher's id."""
    reward_id, point_id = reward_id or world.goods, world.town.point.id
    return order_reward(reward_id, point_id, key=new_id(), by=add_person(100), **more).id


def owner_of(voucher_id: str) -> Actor:
    """Who holds the voucher."""
    return Actor(Voucher.objects.get(id=voucher_id).person_id, "s")


def redeem(voucher_id: str, *, settled: bool = True) -> str:
    """Hand the voucher over by the write that a scan makes; its coins follow, or not yet."""
    issued = Voucher.objects.get(id=voucher_id)
    change = {
        "state": "redeemed",
        "redeemed_at": now(),
        "redeemed_by": "0" * 24,
        "redeemed_point_id": issued.point_id,
        "scan_key": f"scan-{next(_numbers):04}",
    }
    collection(Voucher).update_one({"_id": voucher_id}, {"$set": change})
    if settled:
        assert settle_redemption(voucher_id)
    return voucher_id


def _stated(world: SimpleNamespace, days_ago: int) -> tuple[str, str]:
    """A voucher handed over so many days ago, and the confirmed statement of that day."""
    with pretending(now() - days_ago * DAY):
        voucher_id = redeem(an_order(world))
    with pretending(now() - (days_ago - 1) * DAY + timedelta(hours=1)):
        assert close_days() == 1
    statement_id = Voucher.objects.get(id=voucher_id).statement_id
    confirm_statement(statement_id, by=world.town.clerk)
    return voucher_id, statement_id


def _an_award(world: SimpleNamespace) -> str:
    collection(Reward).update_one({"_id": world.goods}, {"$set": {"cost_fen": 1_500}})
    wanted = (world.goods, add_person().person_id, world.town.point.id)
    matter = {"matter_kind": MatterKind.REGISTER, "matter_id": "2026-1"}
    by = world.town.officer
    return award_in_kind(*wanted, fund="safety", key="award-0001", by=by, **matter).voucher_id


def _tickets(world: SimpleNamespace) -> tuple[str, str, str]:
    """A ticket's reward, and two vouchers of it: ordered, and opened."""
    town, terms = world.town, {"title": "电影票", "validity_days": 30, "price": 100}
    officer = town.officer
    draft = draft_reward(
        town.district.id, kind=RewardKind.TICKET, key=new_id(), by=officer, **terms
    )
    codes = b"code,valid_until\nFILM-0001,\nFILM-0002,\nFILM-0003,\n"
    import_codes(draft.id, town.point.id, codes, key=new_id(), by=officer)
    offer_reward(draft.id, by=officer)
    ordered, opened = an_order(world, draft.id), an_order(world, draft.id)
    open_ticket(opened, key=new_id(), by=owner_of(opened))
    return draft.id, ordered, opened


def _top_ups(world: SimpleNamespace, offer: Callable[..., str]) -> tuple[str, str]:
    """Two top-ups: one waiting for its provider, one delivered."""
    town = world.town
    provider = put_provider(
        "sandbox",
        name={"en": "Sandbox", "zh": "沙盒"},
        point_id=town.point.id,
        base_url="http://127.0.0.1:9",
        timeout_s=1,
        active=True,
        version=0,
        secret="a secret that both sides hold, 40 letters",
        by=staff(Role.ADMIN, town.city),
    )
    terms = {"kind": RewardKind.TOP_UP, "provider_id": provider.id, "product": "data-5gb"}
    reward_id = offer(price=100, **terms)
    waiting = an_order(world, reward_id, recipient_phone=PHONE)
    delivered = an_order(world, reward_id, recipient_phone=PHONE)
    collection(Voucher).update_one({"_id": delivered}, {"$set": {"state": "delivering"}})
    collection(TopUpDelivery).update_one({"_id": delivered}, {"$set": {"state": "sent"}})
    conclude(delivered, Outcome(OutcomeKind.DELIVERED, reference="r-1"), Source.ANSWER)
    return waiting, delivered


@contextmanager
def changed(document: type[Document], found_by: Any, update: Any) -> Iterator[None]:
    """One document other than it should be inside the block, validators or not."""
    plain = collection(document)
    query = found_by if isinstance(found_by, dict) else {"_id": found_by}
    before = plain.find_one(query)
    assert before is not None, f"there is no {document.__name__} {found_by}"
    if update is None:
        plain.delete_one({"_id": before["_id"]})
    else:
        plain.update_one({"_id": before["_id"]}, update, bypass_document_validation=True)
    assert plain.find_one({"_id": before["_id"]}) != before, "nothing was spoilt"
    yield
    plain.delete_one({"_id": before["_id"]})
    plain.insert_one(before, bypass_document_validation=True)


def assert_found(cases: list[tuple[str, type[Document], Any, Any]]) -> None:
    """Each spoilt document (words, class, which, how) is found, and said in these words."""
    assert prove_catalogue() == []
    for words, document, found_by, update in cases:
        with changed(document, found_by, update):
            said = prove_catalogue()
            assert any(words in sentence for sentence in said), (words, update, said)
    assert prove_catalogue() == [], "a case was not mended"


def take_away() -> None:
    """Empty the catalogue and the book, so that the proof after the test finds nothing."""
    for document in SPOILT:
        collection(document).delete_many({})
