"""Three example cards, each with one programme's published figures and nobody else's.

They are there to be copied as drafts. Each says which of its figures were published; all others
are samples, for the accounts do not tell them. They bring no moment: who copies sets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.i18n import Text


@dataclass(frozen=True)
class ExampleCard:
    """A card to copy. `published` are the dotted paths of `content` that the account tells.

    `notes` are what the account says that no field of a card can hold.
    """

    id: str
    programme: Text
    content: Mapping[str, Any]
    published: Mapping[str, Text]
    notes: tuple[Text, ...] = ()

    def samples(self) -> list[str]:
        """The paths of all figures that no account tells."""
        return [path for path in figures(self.content) if path not in self.published]


def figures(content: Any, path: str = "") -> list[str]:
    """The dotted paths of all whole numbers in a content."""
    if isinstance(content, Mapping):
        parts = [(str(name), value) for name, value in content.items()]
    elif isinstance(content, list | tuple):
        parts = [(str(number), value) for number, value in enumerate(content)]
    else:
        return [path] if type(content) is int else []
    return [
        found
        for name, value in parts
        for found in figures(value, f"{path}.{name}" if path else name)
    ]


def _line(kind: str, per_hour: int, *, base: int = 0, minimum: int = 10) -> dict[str, Any]:
    return {"kind": kind, "base": base, "per_hour": per_hour, "minimum": minimum}


def _name(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _money(grade: str, en: str, zh: str, least_fen: int, most_fen: int) -> dict[str, Any]:
    bounds = {"least_fen": least_fen, "most_fen": most_fen}
    return {"grade": grade, "name": _name(en, zh), **bounds}


GULOU = ExampleCard(
    "gulou",
    Text("Gulou, Fuzhou, 2017: Fu coins", "福州鼓楼，2017 年：福币"),
    {
        "title": _name("Fu coins, after Gulou", "福币标准（参照鼓楼）"),
        "inherits": False,
        "lines": [
            _line("patrol", 50),
            _line("traffic_direction", 50),
            _line("publicity", 40),
            _line("care_visit", 40, base=20),
        ],
        "award_grades": [
            {
                "grade": "tip",
                "name": _name("A verified tip", "经核实的随手拍线索"),
                "least_coins": 100,
                "most_coins": 10_000,
            }
        ],
        "fen_per_10000_coins": 20_000,
    },
    {
        "lines.0.per_hour": Text(
            "a patrol of two hours earned 100 coins", "两小时夜间巡防奖励 100 福币"
        ),
        "award_grades.0.most_coins": Text(
            "a verified tip earned 10,000 coins", "一条经核实的线索奖励 10,000 福币"
        ),
        "fen_per_10000_coins": Text("10,000 coins were about 200 yuan", "10,000 福币约合 200 元"),
    },
    (Text("A special fund of the district paid for the prizes.", "奖品由区专项经费支付。"),),
)

WENJIANG = ExampleCard(
    "wenjiang",
    Text("Wenjiang, Chengdu: money for tips", "成都温江：线索奖金"),
    {
        "title": _name("Money for tips, after Wenjiang", "线索奖金标准（参照温江）"),
        "inherits": False,
        "award_grades": [
            _money("larger", "Larger", "较大", 5_000, 20_000),
            _money("major", "Major", "重大", 20_001, 100_000),
            _money("especially_major", "Especially major", "特别重大", 100_001, 500_000),
        ],
        "by_hand_above_fen": 20_000,
    },
    {
        "by_hand_above_fen": Text(
            "up to 200 yuan inclusive on line at once, above by hand after approval",
            "200 元（含）以下即时线上发放，以上经审批后当面发放",
        ),
    },
    (
        Text(
            "The three grades are the programme's; what each pays is not told.",
            "三个等级为该地所用；各等级金额未公布。",
        ),
        Text(
            "Awards by hand: three officers in post sign, the receiver signs nothing.",
            "当面发放时三名在岗民警签字，领取人无需任何手续。",
        ),
    ),
)

QIANSHAN = ExampleCard(
    "qianshan",
    Text("Qianshan, Anhui: one matter, one reward", "安徽潜山：一事一奖"),
    {
        "title": _name("One matter, one reward, after Qianshan", "一事一奖标准（参照潜山）"),
        "inherits": False,
        "award_grades": [_money("matter", "A matter", "一事一奖", 5_000, 100_000)],
    },
    {
        "award_grades.0.least_fen": Text("from 50 yuan", "50 元起"),
        "award_grades.0.most_fen": Text("to 1,000 yuan", "至 1,000 元"),
    },
    (
        Text("In money or in goods: cups, umbrellas.", "奖金或实物（水杯、雨伞等）。"),
        Text(
            "Paid from the stations' own fund: open one at the station and name it.",
            "由派出所自有经费支付：请为派出所设立经费并在发放时注明。",
        ),
    ),
)

EXAMPLE_CARDS: Mapping[str, ExampleCard] = {
    example.id: example for example in (GULOU, WENJIANG, QIANSHAN)
}
