"""How much a verified matter may be rewarded with: the grades of the rate card in force.

Asked by whoever gives a reward that costs money, before it is promised and again before it is
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


class NotInMoney(AwardOutOfBounds):
    """Raised when an award costs money though its grade is rewarded in coins only."""

    message = Text(
        "“{name}” is rewarded in coins only, not with {given} yuan.",
        "“{name}”只以福币奖励，不发放 {given} 元的钱物。",
    )


class AwardTerms(NamedTuple):
    """What the card in force says of one award: its grade, None where the card has none.

    Above `by_hand_above_fen` it takes a second officer; None: no card says it.
    """

    grade: AwardGrade | None
    by_hand_above_fen: int | None


def check_award(
    unit: Unit,
    grade: str | None,
    at: datetime,
    *,
    fen: int | None = None,
) -> AwardTerms:
    """Hold an award of `fen` against its grade, as in force for the unit.

    Raises GradeMissing, UnknownGrade, AwardOutOfBounds (NotInMoney).
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
        refuse_outside(found, fen=fen)
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


def refuse_outside(grade: AwardGrade, *, fen: int | None = None) -> None:
    """Raises AwardOutOfBounds (or NotInMoney) where an amount lies outside of its grade's bounds.

    A grade without bounds in fen is not rewarded in money.
    """
    if fen is None:
        return
    least, most = grade.least_fen, grade.most_fen
    if least is None and most is None:
        raise NotInMoney(**_facts(grade, fen))
    if fen < (least or 0) or (most is not None and fen > most):
        raise AwardOutOfBounds(**_facts(grade, fen), least=_yuan(least or 0), most=_yuan(most))


def _facts(grade: AwardGrade, fen: int) -> dict[str, Any]:
    chinese = grade.name.get("zh") or grade.grade
    name = {"en": grade.name.get("en") or chinese, "zh-CN": chinese}
    return {"grade": grade.grade, "name": name, "given": _yuan(fen)}


def _yuan(fen: int | None) -> str:
    """Fen as people read them, in yuan."""
    if fen is None:
        return "∞"
    whole, rest = divmod(fen, 100)
    return f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
