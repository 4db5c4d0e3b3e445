"""A card of each sort, as somebody would send it, for the tests of rates."""

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)
TITLE = {"en": "Rates", "zh": "标准"}
PATROL = {"kind": "patrol", "base": 0, "per_hour": 50}


def day(number):
    return START + timedelta(days=number)


def a_card(**more):
    """Content of a card that stands alone, in force from the second day on."""
    return {
        "title": TITLE,
        "in_force_from": day(1),
        "inherits": False,
        "lines": [PATROL],
        "fen_per_10000_coins": 20_000,
    } | more


def everything(gap_id):
    """Content that says all that a card can say."""
    return a_card(
        lines=[
            {
                "kind": "patrol",
                "base": 5,
                "per_hour": 50,
                "per_km": 3,
                "minimum": 10,
                "maximum": 300,
                "caps": {"per_day": 200, "per_week": None, "per_month": 2_000},
                "paid_on_duty": True,
            },
            PATROL | {"kind": "care_visit"},
        ],
        multipliers=[
            {"occasion": "night", "percent": 120, "from_minute": 1_320, "until_minute": 360},
            {"occasion": "weekend", "percent": 110, "kinds": ["patrol"]},
            {"occasion": "gap_area", "percent": 150, "unit_ids": [gap_id]},
        ],
        extras=[
            {
                "name": {"en": "Lantern festival", "zh": "元宵灯会"},
                "coins": 30,
                "starts_at": day(10),
                "ends_at": day(11),
                "kinds": ["patrol"],
                "unit_ids": [gap_id],
            }
        ],
        award_grades=[
            {
                "grade": "major",
                "name": {"en": "Major", "zh": "重大"},
                "least_coins": 100,
                "most_coins": 10_000,
                "least_fen": 5_000,
                "most_fen": 100_000,
            }
        ],
        caps={"per_day": 300, "per_week": 1_000, "per_month": None},
        paid_roles=["grid_member", "auxiliary"],
        duty_hours=[{"weekdays": [5, 1], "from_minute": 480, "until_minute": 1_440}],
        coins_last_months=24,
        by_hand_above_fen=20_000,
    )
