"""A sandbox provider in its own process, a town whose data packs it delivers, and people."""

import pytest
from catalog_town import add_person, staff
from running_sandbox import SECRET, RunningSandbox, ServedApi

from catalog import RewardKind, order_reward
from catalog.providers.putting import put_provider
from people import Role
from shared.ids import new_id

PROVIDER_ID = "sandbox"
PHONE = "+8613800138000"


@pytest.fixture(scope="module")
def api(app):
    served = ServedApi(app)
    yield served
    served.stop()


@pytest.fixture(scope="module")
def sandbox(api):
    running = RunningSandbox(f"{api.url}/api/v1/provider-callbacks/{PROVIDER_ID}")
    yield running
    running.stop()


@pytest.fixture
def admin(town):
    return staff(Role.ADMIN, town.city)


@pytest.fixture
def put(town, admin):
    """Puts the provider, with other terms where they are said."""

    def put_it(base_url, **other):
        terms = {
            "name": {"en": "Sandbox", "zh": "沙盒"},
            "point_id": town.point.id,
            "base_url": base_url,
            "timeout_s": 1,
            "active": True,
            "version": 0,
            "secret": SECRET,
            "by": admin,
        }
        return put_provider(PROVIDER_ID, **{**terms, **other})

    return put_it


@pytest.fixture
def provider(put, sandbox):
    return put(sandbox.url)


@pytest.fixture
def top_up(provider, offer):
    """Orders a data pack that the sandbox delivers in a manner; the voucher's id."""

    def order(manner="ok", *, by=None, **more) -> str:
        reward_id = offer(
            kind=RewardKind.TOP_UP,
            provider_id=provider.id,
            product=f"data-5gb:{manner}",
            title="5GB 流量包",
            **more,
        )
        buyer = by or add_person(1_000)
        return order_reward(reward_id, key=new_id(), by=buyer, recipient_phone=PHONE).id

    return order
