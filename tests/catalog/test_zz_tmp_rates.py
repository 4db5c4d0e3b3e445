import time
from statistics import median
from catalog_town import add_person, at_once, coins_of
from catalog import order_reward, voucher_of, scan_voucher, cancel_voucher, Voucher, Stock
from ledger import *
from collections import Counter


def test_rates(town, offer):
    rid = offer(supplied=5000, price=1)
    people = [add_person(1000) for _ in range(60)]
    t = []
    ids = []
    for i in range(200):
        a = time.perf_counter()
        v = order_reward(rid, town.point.id, key=f"order-{i:05}", by=people[i % 60])
        t.append(time.perf_counter() - a)
        ids.append((v.id, people[i % 60]))
    print("order ms p50", median(t) * 1000)
    codes = [voucher_of(i, by=p).code for i, p in ids]
    t = []
    for n, c in enumerate(codes):
        a = time.perf_counter()
        scan_voucher(c, point_id=town.point.id, key=f"scan-{n:05}", by=town.clerk)
        t.append(time.perf_counter() - a)
    print("scan ms p50", median(t) * 1000)
    a = time.perf_counter()
    r = at_once(
        8,
        lambda k: [
            order_reward(rid, town.point.id, key=f"ord2-{k}-{i:05}", by=people[k])
            for i in range(25)
        ],
    )
    print(
        "8 threads same stock orders/s",
        200 / (time.perf_counter() - a),
        Counter(type(x).__name__ for x in r),
    )
    one = offer(supplied=1, price=1)
    buyers = people + [add_person(10) for _ in range(40)]
    a = time.perf_counter()
    r = at_once(100, lambda k: order_reward(one, town.point.id, key="last-0001", by=buyers[k]))
    print("last of 100:", Counter(type(x).__name__ for x in r), time.perf_counter() - a)
    drop = offer(supplied=100, price=1)
    a = time.perf_counter()
    r = at_once(
        32,
        lambda k: [
            (lambda x: x)(try_(drop, town, buyers[(k * 13 + j) % 100], f"drop-{k}-{j}"))
            for j in range(20)
        ],
    )
    c = Counter(x for l in r for x in (l if isinstance(l, list) else [repr(l)]))
    print(
        "drop 100 to 640:", c, time.perf_counter() - a, Stock.objects.get(reward_id=drop).available
    )
    assert 0


def try_(rid, town, by, key):
    try:
        return type(order_reward(rid, town.point.id, key=key + "-000", by=by)).__name__
    except Exception as e:
        return type(e).__name__
