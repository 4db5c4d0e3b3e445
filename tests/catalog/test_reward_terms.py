"""A reward's terms: what can be meant, as a whole, and which field is named where it cannot."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog import ExpiryRule, RewardKind, draft_reward
from catalog.reward import Reward, RewardState
from catalog.reward_terms import (
    CostMissing,
    NeverBroughtBack,
    NeverForfeit,
    NeverInHours,
    ProviderMisplaced,
    RewardInvalid,
    SaleWindowEmpty,
    as_fields,
    refuse_unusable,
)

NOON = datetime(2017, 12, 4, 4, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
TERMS = {"title": "洗衣液", "price": 100, "validity_days": 30, "kind": RewardKind.GOODS}
EVENING = {"weekdays": [1, 2], "from_minute": 1_080, "until_minute": 1_200}
TOP_UP = {"kind": RewardKind.TOP_UP, "provider_id": "sample", "product": "100M"}


def check(**terms):
    reward = Reward(
        id="r",
        unit_id="u",
        state=RewardState.DRAFT,
        version=1,
        drafted_by="p",
        draft_key="k",
        drafted_at=NOON,
        **as_fields({**TERMS, **terms}),
    )
    refuse_unusable(reward, NOON, ZONE)
    return reward


def test_everything_that_can_be_said_is_kept(town):
    terms = {
        **TERMS,
        "title": " 洗衣液 ",
        "title_en": "Laundry liquid",
        "cost_fen": 900,
        "per_person_limit": 3,
        "per_day_limit": 1,
        "buyers": {"least_level": 2, "groups": ["tea"], "unit_id": town.district.id},
        "on_sale_from": NOON.replace(microsecond=1_234),
        "on_sale_until": datetime(2099, 1, 1, tzinfo=UTC),
        "sale_hours": [EVENING],
        "cancel_hours": 0,
        "refund_days": 7,
        "expiry_rule": ExpiryRule.FORFEITS,
        "can_be_gifted": False,
    }
    drafted = draft_reward(town.district.id, key="draft-001", by=town.officer, **terms)
    kept = Reward.objects.get(id=drafted.id)
    assert kept.title == "洗衣液"
    assert (kept.buyers.least_level, kept.buyers.groups) == (2, ["tea"])
    assert (kept.sale_hours[0].weekdays, kept.sale_hours[0].until_minute) == ([1, 2], 1_200)
    assert kept.on_sale_from == NOON.replace(microsecond=1_000)
    assert (kept.cancel_hours, kept.expiry_rule) == (0, ExpiryRule.FORFEITS)
    assert drafted.to_mongo() == kept.to_mongo()


def test_buyers_of_whom_nothing_is_asked_are_nobody_in_particular():
    assert check(buyers={"least_level": 0, "groups": [], "unit_id": None}).buyers is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", -5),
        ("price", 10**12),
        ("validity_days", 0),
        ("validity_days", 10_000),
        ("per_person_limit", 0),
        ("per_day_limit", 0),
        ("cost_fen", 0),
        ("cancel_hours", -1),
        ("refund_days", 91),
        ("title", " "),
        ("title", "长" * 81),
        ("description", "x" * 2_001),
        ("surprise", 1),
        ("state", "offered"),
        ("picture_ids", ["x"]),
    ],
)
def test_terms_that_cannot_be_meant_are_refused_by_field(field, value):
    with pytest.raises(RewardInvalid) as refusal:
        check(**{field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("terms", "kind", "field"),
    [
        ({"price": 0}, CostMissing, "price"),
        ({"on_sale_until": NOON}, SaleWindowEmpty, "on_sale_until"),
        (
            {"on_sale_from": NOON + DAY, "on_sale_until": NOON + DAY},
            SaleWindowEmpty,
            "on_sale_until",
        ),
        (
            {"sale_hours": [EVENING, EVENING | {"until_minute": 1_080}]},
            NeverInHours,
            "sale_hours.1.until_minute",
        ),
        (
            {"sale_hours": [EVENING | {"weekdays": [3]}], "on_sale_until": NOON + DAY},
            NeverInHours,
            "sale_hours",
        ),
        ({"sale_hours": [EVENING] * 22}, RewardInvalid, "sale_hours"),
        ({"sale_hours": [EVENING | {"weekdays": []}]}, RewardInvalid, "sale_hours.0.weekdays"),
        ({"buyers": {"groups": ["x"] * 21}}, RewardInvalid, "buyers.groups"),
        ({"buyers": {"least_level": 101}}, RewardInvalid, "buyers.least_level"),
        ({"kind": RewardKind.TOP_UP}, ProviderMisplaced, "provider_id"),
        (TOP_UP | {"product": " "}, ProviderMisplaced, "product"),
        ({"provider_id": "sample"}, ProviderMisplaced, "provider_id"),
        ({"product": "100M"}, ProviderMisplaced, "product"),
        (TOP_UP | {"refund_days": 1}, NeverBroughtBack, "refund_days"),
        ({"kind": RewardKind.TICKET, "refund_days": 1}, NeverBroughtBack, "refund_days"),
        (TOP_UP | {"expiry_rule": ExpiryRule.FORFEITS}, NeverForfeit, "expiry_rule"),
    ],
)
def test_terms_that_contradict_each_other_are_refused_by_field(terms, kind, field):
    with pytest.raises(RewardInvalid) as refusal:
        check(**terms)
    assert (type(refusal.value), refusal.value.field) == (kind, field)


@pytest.mark.parametrize(
    "terms",
    [
        {"price": 0, "cost_fen": 900},
        TOP_UP,
        {"kind": RewardKind.TICKET},
        {"kind": RewardKind.COUPON, "refund_days": 7},
        {"sale_hours": [EVENING], "on_sale_until": NOON + DAY},
        {"on_sale_from": NOON - DAY},
    ],
)
def test_terms_that_go_together_are_taken(terms):
    check(**terms)


def test_buyers_must_be_of_a_unit_that_there_is(town):
    with pytest.raises(RewardInvalid) as refusal:
        draft_reward(
            town.district.id,
            key="draft-001",
            by=town.officer,
            **{**TERMS, "buyers": {"unit_id": "0" * 24}},
        )
    assert refusal.value.field == "buyers.unit_id"
