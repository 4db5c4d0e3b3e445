"""The demo town's data packs: joined to the sandbox where it listens, as often as it starts."""

from running_sandbox import SECRET

from catalog import Reward, Stock
from catalog.providers.putting import provider_of
from fixtures.demo_provider import PROVIDER, STOCK, join_sandbox
from fixtures.demo_town import load_demo_town


def test_joining_again_changes_the_address_alone(app):
    load_demo_town()
    join_sandbox("http://127.0.0.1:9001", SECRET)
    first = provider_of(PROVIDER)
    join_sandbox("http://127.0.0.1:9001", SECRET)
    assert provider_of(PROVIDER).version == first.version
    join_sandbox("http://127.0.0.1:9002", SECRET)
    assert provider_of(PROVIDER).base_url == "http://127.0.0.1:9002"
    (pack,) = Reward.objects(provider_id=PROVIDER)
    assert pack.is_offered()
    (stock,) = Stock.objects(reward_id=pack.id)
    assert (stock.supplied, stock.point_id) == (STOCK, first.point_id)
