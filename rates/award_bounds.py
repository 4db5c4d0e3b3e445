"""How much a verified matter may be rewarded with: the grades of the rate card in force.

Asked by whoever gives a reward, in coins or in fen, before it is promised and again before it is
given.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from people import Unit
from rates.cards_in_force import terms_in_force
from rates.pricing import NoRateInForce
from rates.rate_card import AwardGrade
from shared.errors import Invalid, Refused
from shared.i18n import Text


class GradeMissing(Invalid):
    """Raised when an award names no grade though the rate card in force has some."""

    message = Text(
        "The rate card in force has grades of rewards: name one of {grades}.",
        "生效的积分标准设有奖励等级，须注明其一：{grades}。",
    )


class UnknownGrade(Invalid):
    """Raised when an award names a grade that the rate card in force does not have."""

    message = Text(
        "The rate card in force has no grade {grade} of rewards; it has: {grades}.",
        "生效的积分标准没有奖励等级 {grade}；现有等级：{grades}。",
    )


class AwardOutOfBounds(Refused):
    """Raised when an award is worth less or more money than its grade allows."""

    message = Text(
        "“{name}” is rewarded with {least} to {most} yuan; this is {given} yuan.",
        "“{name}”奖励限 {least} 至 {most} 元，本次为 {given} 元。",
    )

    def say(self, language: str) -> str:
        """The message in the caller's language, the grade by its name in that language."""
        facts = self.facts | {"name": self.facts["name"][language]}
        return self.message.say(language, **facts)


class CoinsOutOfBounds(AwardOutOfBounds):
    """Raised when an award is of fewer or more coins than its grade allows."""

    message = Text(
        "“{name}” is rewarded with {least} to {most} coins; this is {given}.",
        "“{name}”奖励限 {least} 至 {most} 福币，本次为 {given} 福币。",
    )


class NotInMoney(AwardOutOfBounds):
    """Raised when an award costs money though its grade is rewarded in coins only."""

    message = Text(
        "“{name}” is rewarded in coins only, not with {given} yuan.",
        "“{name}”只以福币奖励，不发放 {given} 元的钱物。",
    )


class NotInCoins(AwardOutOfBounds):
    """Raised when an award is of coins though its grade is rewarded in money or goods only."""

    message = Text(
        "“{name}” is rewarded in money or goods only, not with {given} coins.",
        "“{name}”只以钱物奖励，不发放 {given} 福币。",
    )


class AwardTerms(NamedTuple):
    """What the card in force says of one award: its grade, None where the card has none.

    Above `by_hand_above_fen` it takes a second officer and is handed over by hand; None: no card
    says it.
    """

    grade: AwardGrade | None
    by_hand_above_fen: int | None


def check_award(
    unit: Unit,
    grade: str | None,
    at: datetime,
    *,
    coins: int | None = None,
    fen: int | None = None,
) -> AwardTerms:
    """Hold an award of `coins`, of `fen`, or both against its grade, as in force for the unit.

    Raises GradeMissing, UnknownGrade, AwardOutOfBounds (CoinsOutOfBounds, NotInMoney, NotInCoins).
    """
    try:
        terms = terms_in_force(unit, at)
    except NoRateInForce:
        # A unit without any card has no grades, and no border of its own.
        grades: Mapping[str, AwardGrade] = {}
        border = None
    else:
        grades, border = terms.award_grades, terms.by_hand_above_fen
    found = grade_among(grades, grade)
    if found is not None:
        refuse_outside(found, coins=coins, fen=fen)
    return AwardTerms(found, border)


def grade_among(grades: Mapping[str, AwardGrade], grade: str | None) -> AwardGrade | None:
    """The grade of that name; None where there are no grades and none is named.

    Raises GradeMissing, UnknownGrade.
    """
    names = ", ".join(sorted(grades)) or "-"
    if grade is None:
        if grades:
            raise GradeMissing("grade", grades=names)
        return None
    if grade not in grades:
        raise UnknownGrade("grade", grade=grade, grades=names)
    return grades[grade]


def refuse_outside(grade: AwardGrade, *, coins: int | None = None, fen: int | None = None) -> None:
    """Raises AwardOutOfBounds (or a kind of it) where an amount lies outside of its grade's bounds.

    A bound that is not said bounds nothing; with neither, nothing of that sort is given.
    """
    if fen is not None:
        _refuse(grade, (grade.least_fen, grade.most_fen), fen, AwardOutOfBounds, NotInMoney, 100)
    if coins is not None:
        bounds = (grade.least_coins, grade.most_coins)
        _refuse(grade, bounds, coins, CoinsOutOfBounds, NotInCoins, 1)


def _refuse(
    grade: AwardGrade,
    bounds: tuple[int | None, int | None],
    given: int,
    outside: type[AwardOutOfBounds],
    not_so: type[AwardOutOfBounds],
    minor: int,
) -> None:
    least, most = bounds
    facts = _facts(grade, given, minor)
    if least is None and most is None:
        raise not_so(**facts)
    if given < (least or 0) or (most is not None and given > most):
        raise outside(**facts, least=_figure(least or 0, minor), most=_figure(most, minor))


def _facts(grade: AwardGrade, given: int, minor: int) -> dict[str, Any]:
    chinese = grade.name.get("zh") or grade.grade
    name = {"en": grade.name.get("en") or chinese, "zh-CN": chinese}
    return {"grade": grade.grade, "name": name, "given": _figure(given, minor)}


def _figure(amount: int | None, minor: int) -> str:
    """The amount as people read it: fen as yuan."""
    if amount is None:
        return "∞"
    whole, rest = divmod(amount, minor)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
