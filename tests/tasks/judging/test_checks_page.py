"""docs/checks.md tells every check with its parameters and defaults, and every standard kind."""

import re
from pathlib import Path

from tasks import STANDARD_KINDS
from tasks.judging.check_kinds import CHECKS

PAGE = (Path(__file__).parents[3] / "docs" / "checks.md").read_text(encoding="utf-8")


def told() -> dict[str, dict[str, str]]:
    """Check → parameter → its row, as the page's table of checks has them."""
    checks: dict[str, dict[str, str]] = {}
    section = PAGE.split("## The checks\n")[1].split("\n## ")[0]
    for line in section.splitlines():
        row = re.match(r"\| (?:`(\w+)`)? ?\| (?:`(\w+)`)? ?\|", line)
        if row and row[1]:
            checks[row[1]] = {}
        if row and row[2]:
            checks[list(checks)[-1]][row[2]] = line
    return checks


def test_every_check_and_every_parameter_has_its_row():
    assert {name: set(rows) for name, rows in told().items()} == {
        name: set(kind.parameters) for name, kind in CHECKS.items()
    }


def test_bounds_and_defaults_are_as_in_the_code():
    for check, rows in told().items():
        for name, row in rows.items():
            parameter = CHECKS[check].parameters[name]
            bounds, default = (cell.strip() for cell in row.split("|")[3:5])
            for bound in (getattr(parameter, "least", None), getattr(parameter, "most", None)):
                if isinstance(bound, int | float) and not getattr(parameter, "default_is_all", 0):
                    assert f"{bound:,g}" in bounds or f"{bound:,.0f}" in bounds, (check, name)
            given = getattr(parameter, "default", None)
            if isinstance(given, int | float) and not isinstance(given, bool):
                assert f"{given:,g}" == default, (check, name)


def test_every_standard_kind_has_its_row_with_its_checks():
    for kind_id, kind in STANDARD_KINDS.items():
        (row,) = re.findall(rf"^\| `{kind_id}` \|(.*)\|$", PAGE, re.MULTILINE)
        moves, track, required, defaults, gives = (cell.strip() for cell in row.split("|"))
        assert moves == kind["moves"]
        assert track == ("yes" if kind["needs_track"] else "no")
        assert required == ", ".join(kind["required_checks"])
        assert defaults == ", ".join(one["check"] for one in kind["default_checks"])
        assert bool(gives) == ("certificate" in kind)
