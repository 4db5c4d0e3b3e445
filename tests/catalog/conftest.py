"""A small town's catalogue: a unit with an officer, two points with clerks, a way to offer."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from award_world import FUND
from catalog_town import add_unit, staff

from catalog import draft_reward, offer_reward, stock_point
from catalog.providers.putting import put_provider
from people import Role, UnitKind
from rates import budget_year_of, grant_fund, open_fund
from shared.clock import now
from shared.ids import new_id


@pytest.fixture
def town() -> SimpleNamespace:
    """The units and their staff."""
    city = add_unit("福州市", UnitKind.CITY)
    district = add_unit("鼓楼区", UnitKind.CIVIL, city, level="district")
    other_district = add_unit("台江区", UnitKind.CIVIL, city, level="district")
    point = add_unit(
        "鼓西街道兑换点",
        UnitKind.REDEMPTION_POINT,
        district,
        name_en="Guxi redemption point",
        location={"type": "Point", "coordinates": [119.29, 26.09]},
        address="鼓西路 1 号",
        opening_hours="9:00-17:00",
    )
    far_point = add_unit(
        "洪山兑换点",
        UnitKind.REDEMPTION_POINT,
        district,
        location={"type": "Point", "coordinates": [119.26, 26.07]},
    )
    return SimpleNamespace(
        city=city,
        district=district,
        other_district=other_district,
        point=point,
        far_point=far_point,
        officer=staff(Role.CENTRE_OFFICER, district),
        clerk=staff(Role.CLERK, point),
        far_clerk=staff(Role.CLERK, far_point),
    )


@pytest.fixture
def offer(town) -> Callable[..., str]:
    """Puts a reward on offer with stock at the first point, and returns its id."""

    def put_on_offer(*, price: int = 100, supplied: int = 10, **terms) -> str:
        terms = {"title": "洗衣液", "validity_days": 30, **terms}
        reward = draft_reward(town.district.id, price=price, key=new_id(), by=town.officer, **terms)
        # Nothing is offered of which there is nothing; what is there may be gone again.
        stock_point(reward.id, town.point.id, supplied=max(1, supplied), by=town.officer)
        offer_reward(reward.id, by=town.officer)
        stock_point(reward.id, town.point.id, supplied=supplied, by=town.officer)
        return reward.id

    return put_on_offer


@pytest.fixture
def pack_provider(town) -> Callable[..., str]:
    """Puts a provider that is paid at the first point, asked by nobody here; answers its id."""

    def put(*, active: bool = True, version: int = 0) -> str:
        terms = {"name": {"en": "Sample", "zh": "示例"}, "base_url": "http://127.0.0.1:9"}
        return put_provider(
            "sample",
            point_id=town.point.id,
            timeout_s=1,
            active=active,
            version=version,
            secret="a-sample-secret-of-a-provider-0001",
            by=staff(Role.ADMIN, town.city),
            **terms,
        ).id

    return put


@pytest.fixture
def fund(town):
    """The district's own fund, with 1,000 yuan in it."""
    keeper = staff(Role.RATE_ADMIN, town.district)
    open_fund(FUND, town.district.id, "站所奖励经费", by=keeper)
    grant_fund(FUND, budget_year_of(now()), 100_000, "会议纪要 1 号", "grant-0001", by=keeper)
    return FUND


@pytest.fixture
def cup(offer):
    """The id of a reward that costs a fund 30 yuan and nobody any coins."""
    return offer(price=0, title="水杯", title_en="Cup", cost_fen=3_000)


@pytest.fixture
def kettle(offer):
    """The id of a reward that one officer alone may not give."""
    return offer(price=0, title="电水壶", cost_fen=20_001)
