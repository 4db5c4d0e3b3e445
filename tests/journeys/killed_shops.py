"""Worlds of the catalogue: each has a redemption point, a reward and people of its own."""

from datetime import timedelta
from types import SimpleNamespace

from killed_verbs import CODES
from killed_worlds import plain

from catalog import (
    RewardKind,
    Voucher,
    award_in_kind,
    confirm_statement,
    count_stock,
    draft_reward,
    gift_voucher,
    import_codes,
    live_qr,
    look_at_voucher,
    make_point_key,
    offer_reward,
    order_reward,
    put_provider,
    scan_voucher,
    settle_statement,
)
from catalog import stock_point as supply
from catalog.award import MatterKind
from catalog.scanning.point_key import PointKey
from catalog.settlement.closing import close_days
from catalog.settlement.point_statement import PointStatement
from people import Actor, Held, Role, UnitKind, card_of
from rates import budget_year_of, grant_fund, open_fund
from shared.clock import now, pretending
from shared.database import collection
from shared.ids import new_id
from tests.catalog.catalog_town import add_person
from tests.tasks.street import add_unit, staff

DAY = timedelta(days=1)
PHONE = "+8613800138000"
SECRET = "a secret that both sides hold, 40 letters"


def shop(city, kind=RewardKind.GOODS, **terms) -> SimpleNamespace:
    """A redemption point with ten of a reward for 60 coins (or three codes), and its people."""
    point = add_unit("示例兑换点", "", city)
    collection(type(point)).update_one(
        {"_id": point.id}, {"$set": {"kind": UnitKind.REDEMPTION_POINT.value}}
    )
    point.reload()
    made = SimpleNamespace(
        city=city,
        point=point,
        officer=staff(Role.CENTRE_OFFICER, city),
        clerk=staff(Role.CLERK, point),
        resident=add_person(100),
    )
    made.ids = {"reward_id": stocked(made, kind, **terms), "point_id": point.id}
    return made


def stocked(made, kind=RewardKind.GOODS, *, offered=True, **terms) -> str:
    """Another reward at the shop's point; its id."""
    terms = {"title": "洗衣液", "price": 60, "validity_days": 30, "kind": kind, **terms}
    reward = draft_reward(made.city.id, key=new_id(), by=made.officer, **terms)
    if kind == RewardKind.TICKET and offered:
        import_codes(reward.id, made.point.id, CODES, key=new_id(), by=made.officer)
    elif kind != RewardKind.TICKET:
        supply(reward.id, made.point.id, supplied=10, by=made.officer)
    return offer_reward(reward.id, by=made.officer).id if offered else reward.id


def top_up_shop(city, url: str) -> SimpleNamespace:
    """A shop whose provider delivers data packs; `url` is where the provider listens."""
    made = shop(city)
    provider_id = f"sandbox-{new_id()}"
    put_provider(
        provider_id,
        name={"en": "Sandbox", "zh": "沙盒"},
        point_id=made.point.id,
        base_url=url,
        timeout_s=2,
        active=True,
        version=0,
        secret=SECRET,
        by=staff(Role.ADMIN, city),
    )
    terms = {"provider_id": provider_id, "product": "data-5gb:ok"}
    made.ids["reward_id"] = stocked(made, RewardKind.TOP_UP, **terms)
    return made


def ordered(made, **more) -> Voucher:
    at = made.ids["reward_id"], made.ids["point_id"]
    return order_reward(*at, key="the first order", by=made.resident, **more)


def scanned(made) -> Voucher:
    """One ordered and handed over, all of it at one moment."""
    issued = ordered(made)
    shown = live_qr(issued.id, by=made.resident).text
    return scan_voucher(shown, point_id=made.point.id, key="a scan before", by=made.clerk)


# ---- orders of each kind, and what gives them back


def to_order(city):
    made = shop(city)
    return plain(made.resident, **made.ids)


def to_order_ticket(city):
    made = shop(city, RewardKind.TICKET)
    return plain(made.resident, **made.ids)


def to_top_up(city, url):
    made = top_up_shop(city, url)
    return plain(made.resident, phone=PHONE, **made.ids)


def to_cancel(city):
    made = shop(city)
    return plain(made.resident, voucher_id=ordered(made).id, **made.ids)


def to_cancel_ticket(city):
    made = shop(city, RewardKind.TICKET)
    return plain(made.resident, voucher_id=ordered(made).id, **made.ids)


def to_substitute(city):
    """A voucher of 60 coins, and a ticket of 45 to have instead."""
    made = shop(city)
    other_id = stocked(made, RewardKind.TICKET, price=45)
    return plain(made.resident, voucher_id=ordered(made).id, other_id=other_id, **made.ids)


def to_give(city):
    made, receiver = shop(city), add_person()
    card = card_of(receiver.person_id, by=receiver).text
    ids = {"voucher_id": ordered(made).id, "receiver_id": receiver.person_id, **made.ids}
    return plain(made.resident, card=card, **ids)


def to_recall(city):
    """Two vouchers outstanding, one a gift."""
    made, receiver = shop(city), add_person()
    card = card_of(receiver.person_id, by=receiver).text
    gift_voucher(ordered(made).id, card, key="the gift", by=made.resident)
    other = add_person(100)
    order_reward(*made.ids.values(), key="another", by=other)
    ids = {"owner_id": made.resident.person_id, "receiver_id": receiver.person_id}
    return plain(made.officer, claimant_id=other.person_id, **ids, **made.ids)


def to_expire(city):
    made = shop(city)
    with pretending(now() - 31 * DAY):
        held = ordered(made)
    return plain(made.resident, voucher_id=held.id, **made.ids)


# ---- hand-overs


def to_scan(city):
    made, moment = shop(city), now()
    with pretending(moment):
        issued = ordered(made)
        code = live_qr(issued.id, by=made.resident).text
    ids = {"voucher_id": issued.id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.clerk, moment, code=code, **ids)


def to_confirm(city):
    """A look that was taken at a voucher."""
    made, moment = shop(city), now()
    with pretending(moment):
        issued = ordered(made)
        code = live_qr(issued.id, by=made.resident).text
        look = look_at_voucher(code, point_id=made.point.id, by=made.clerk)
    ids = {"voucher_id": issued.id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.clerk, moment, look=look.look_id, **ids)


def to_bring_in(city):
    """A hand-over queued on a device, half an hour ago."""
    made, then = shop(city), now() - timedelta(minutes=30)
    device = make_point_key(made.point.id, label="1", key="the key", by=made.officer)
    # A key is made by the true clock, and the device had its own before it handed over.
    collection(PointKey).update_one({"_id": device.key.id}, {"$set": {"made_at": then - DAY}})
    with pretending(then - DAY):
        issued = ordered(made)
    with pretending(then):
        code = live_qr(issued.id, by=made.resident).text
    ids = {"voucher_id": issued.id, "owner_id": made.resident.person_id, **made.ids}
    said = {"code": code, "handed_over_at": then.isoformat(), "point_key": device.secret}
    return plain(made.clerk, **said, **ids)


def to_open(city):
    made = shop(city, RewardKind.TICKET)
    return plain(made.resident, voucher_id=ordered(made).id, **made.ids)


def to_deliver(city, url):
    made = top_up_shop(city, url)
    held = ordered(made, recipient_phone=PHONE)
    return plain(made.resident, voucher_id=held.id, **made.ids)


def to_refund(city):
    made = shop(city, refund_days=7)
    ids = {"voucher_id": scanned(made).id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.officer, **ids)


# ---- funds, stocks and statements


def a_fund(made) -> str:
    """A fund of the city with ¥100 for this year."""
    name, by = f"fund-{new_id()}", staff(Role.RATE_ADMIN, made.city)
    open_fund(name, made.city.id, "兑换专项", by=by)
    grant_fund(name, budget_year_of(now()), 10_000, "会议纪要 1 号", key="grant-1", by=by)
    return name


def to_award(city):
    made = shop(city, cost_fen=1_500)
    return plain(
        made.officer, receiver_id=made.resident.person_id, fund_id=a_fund(made), **made.ids
    )


def to_hand_over_award(city):
    """A reward in kind, awarded and shown to the clerk."""
    made, moment = shop(city, cost_fen=1_500), now()
    with pretending(moment):
        award = award_in_kind(
            made.ids["reward_id"],
            made.resident.person_id,
            made.point.id,
            fund=a_fund(made),
            matter_kind=MatterKind.REGISTER,
            matter_id=new_id(),
            key="the award",
            by=made.officer,
        )
        code = live_qr(award.voucher_id, by=made.resident).text
    ids = {"voucher_id": award.voucher_id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.clerk, moment, code=code, fund_id=award.fund, **ids)


def to_stock(city):
    made = shop(city)
    return plain(made.officer, **made.ids)


def to_count(city):
    made = shop(city)
    return plain(made.clerk, **made.ids)


def to_accept(city):
    """A count that found eight of the ten."""
    made = shop(city)
    said = {"counted": 8, "key": "the count", "by": made.clerk}
    count_id = count_stock(made.point.id, made.ids["reward_id"], **said).id
    return plain(made.officer, count_id=count_id, **made.ids)


def to_import(city):
    made = shop(city)
    made.ids["reward_id"] = stocked(made, RewardKind.TICKET, offered=False)
    return plain(made.officer, **made.ids)


def to_close(city):
    """A hand-over of the day before yesterday, which no statement has yet."""
    made = shop(city)
    with pretending(now() - 2 * DAY):
        voucher_id = scanned(made).id
    ids = {"voucher_id": voucher_id, "owner_id": made.resident.person_id, **made.ids}
    return plain(made.clerk, **ids)


def confirmed(city) -> tuple[SimpleNamespace, dict]:
    """A shop whose statement of that day its clerk has confirmed."""
    world = to_close(city)
    close_days()
    statement_id = PointStatement.objects.get(point_id=world["point_id"]).id
    clerk = Actor(world["person_id"], "s", (Held(Role.CLERK, world["point_id"]),))
    confirm_statement(statement_id, by=clerk)
    made = SimpleNamespace(city=city, officer=staff(Role.CENTRE_OFFICER, city))
    kept = ("reward_id", "point_id", "voucher_id", "owner_id")
    return made, {name: world[name] for name in kept} | {"statement_id": statement_id}


def to_settle(city):
    made, ids = confirmed(city)
    return plain(made.officer, **ids)


def to_pay(city):
    made, ids = confirmed(city)
    settle_statement(ids["statement_id"], by=made.officer)
    return plain(made.officer, fund_id=a_fund(made), **ids)
