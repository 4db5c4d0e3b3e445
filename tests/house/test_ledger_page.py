"""docs/ledger.md says what the code says: every account, every kind of entry with its legs."""

from pathlib import Path

from ledger.accounts import GUARDED, PARTS
from ledger.entry_kinds import MOVEMENTS, EntryKind

PURE = True

PAGE = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text()


def rows(heading):
    """The cells of the table under a heading, without its first two lines."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def words(cell):
    return {word.strip() for word in cell.split(",")}


def test_every_account_is_named_with_its_parts_and_whether_it_is_guarded():
    written = {name.strip("`"): guarded.startswith("yes") for name, _, guarded in rows("Accounts")}
    assert written == {
        ":".join([kind, *(f"<{part}>" for part in parts)]): kind in GUARDED
        for kind, parts in PARTS.items()
    }


def test_every_kind_of_entry_is_listed_with_the_accounts_it_moves_between():
    written = {
        kind.strip("`"): (words(out_of), words(into))
        for kind, out_of, into, _ in rows("Kinds of entry")
    }
    assert written == {
        kind.value: ({"any"}, {"any"})
        if kind is EntryKind.REVERSAL
        else ({*map(str, movement.out_of)}, {*map(str, movement.into)})
        for kind, movement in MOVEMENTS.items()
    }
