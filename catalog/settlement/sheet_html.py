"""A statement as one printable page: no script, nothing fetched from anywhere. Pure.

Every text is escaped; numbers stand right, the head of the table repeats on every printed page.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from catalog.settlement import sheet_words as words
from catalog.settlement.sheet import Cell, Sheet, Yuan

NUMBERS = {"number", "coins", "coin_value", "worth"}
# In percent of the paper between its margins, with room for the words of either language.
WIDTHS = {
    "number": 5,
    "handed_over_at": 12,
    "title": 18,
    "kind": 11,
    "voucher": 11,
    "coins": 8,
    "coin_value": 9,
    "worth": 9,
    "remark": 17,
}

STYLE = """
@page{size:A4;margin:14mm 12mm}
*{box-sizing:border-box}
body{font:10.5pt/1.5 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:#111;margin:0 auto;
max-width:186mm;padding:8mm 0}
header{text-align:center;border-bottom:1.5pt solid #111;padding-bottom:3mm}
header p{margin:0;font-size:9.5pt;letter-spacing:.08em;color:#444}
h1{font-size:18pt;margin:1mm 0 0;letter-spacing:.12em;font-weight:700}
h2{font-size:11pt;margin:6mm 0 1.5mm}
dl{display:grid;grid-template-columns:auto minmax(42mm,1fr) auto minmax(0,max-content);
gap:1mm 4mm;margin:4mm 0 0}
dt{color:#555;white-space:nowrap}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:8pt}
thead{display:table-header-group}tr{break-inside:avoid}
th,td{border:.5pt solid #888;padding:.8mm 1.3mm;text-align:left;vertical-align:top}
th{background:#eee;font-weight:700;vertical-align:bottom}
td{overflow-wrap:break-word}
.lines{table-layout:fixed}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
th.n{white-space:normal}
.sums{width:auto;min-width:76mm;margin:4mm 0 0 auto;font-size:10.5pt;break-inside:avoid}
.sums td{border-width:0 0 .5pt}
.sums tr:last-child td{border-top:1pt solid #111;border-bottom:2.5pt double #111;font-weight:700}
.stock{width:auto;min-width:110mm}
.notes{margin:4mm 0 0;font-size:8.5pt;color:#444}.notes p{margin:0}
.sign{display:grid;grid-template-columns:1fr 1fr;gap:14mm;margin-top:10mm;break-inside:avoid}
.sign p{margin:0}.sign .line{border-bottom:.75pt solid #111;height:18mm}
.sign .on{display:flex;gap:3mm;align-items:end;margin-top:4mm}
.sign .on i{flex:1;border-bottom:.75pt solid #111}
@media screen{body{padding:10mm 6mm}}
"""


def html_of(sheet: Sheet) -> str:
    """The page of a statement."""
    return "".join(
        [
            f'<!doctype html><html lang="{escape(sheet.language)}"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(sheet.title)} · {escape(sheet.facts[0][1])}</title>",
            f"<style>{STYLE}</style></head><body>",
            f"<header><p>{escape(sheet.say(words.PROGRAMME))}</p>",
            f"<h1>{escape(sheet.title)}</h1></header>",
            _facts(sheet),
            f"<h2>{escape(sheet.say(words.LINES_TITLE))}</h2>",
            _lines(sheet),
            _sums(sheet),
            '<div class="notes">',
            *(f"<p>{escape(note)}</p>" for note in sheet.notes),
            "</div>",
            _stock(sheet),
            _signatures(sheet),
            "</body></html>",
        ]
    )


def shown(cell: Cell) -> str:
    """A cell as people read it."""
    if isinstance(cell, Yuan):
        return cell.text()
    if isinstance(cell, datetime):
        return cell.strftime("%m-%d %H:%M")
    if isinstance(cell, int):
        return f"{cell:,}"
    return cell or ""


def _facts(sheet: Sheet) -> str:
    pairs = (f"<dt>{escape(label)}</dt><dd>{escape(said)}</dd>" for label, said in sheet.facts)
    return f"<dl>{''.join(pairs)}</dl>"


def _lines(sheet: Sheet) -> str:
    classes = ["n" if name in NUMBERS else "" for name, _ in sheet.columns]
    widths = [WIDTHS[name] for name, _ in sheet.columns]
    return _table(sheet.columns_shown(), sheet.rows, classes, "lines", widths)


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    classes: Sequence[str],
    kind: str,
    widths: Sequence[int] = (),
) -> str:
    columns = "".join(f'<col style="width:{width}%">' for width in widths)
    head = "".join(
        f'<th scope="col"{_marked(name)}>{escape(one)}</th>'
        for one, name in zip(heads, classes, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, classes)}</tr>" for row in rows)
    whole = f"<colgroup>{columns}</colgroup><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return f"<table{_marked(kind)}>{whole}</table>"


def _cells(row: Sequence[Cell], classes: Sequence[str]) -> str:
    return "".join(
        f"<td{_marked(name)}>{escape(shown(cell))}</td>"
        for cell, name in zip(row, classes, strict=True)
    )


def _marked(name: str) -> str:
    return f' class="{name}"' if name else ""


def _sums(sheet: Sheet) -> str:
    rows = (
        f'<tr><td>{escape(label)}</td><td class="n">{escape(shown(cell))}</td></tr>'
        for label, cell in sheet.sums
    )
    return f'<table class="sums"><tbody>{"".join(rows)}</tbody></table>'


def _stock(sheet: Sheet) -> str:
    if not sheet.stock_rows:
        return ""
    classes = ["", *["n"] * (len(sheet.stock_columns) - 1)]
    table = _table(sheet.stock_columns, sheet.stock_rows, classes, "stock")
    return f"<h2>{escape(sheet.say(words.STOCK_TITLE))}</h2>{table}"


def _signatures(sheet: Sheet) -> str:
    on = escape(sheet.say(words.SIGNED_ON))
    boxes = (
        f'<div><p>{escape(who)}</p><div class="line"></div>'
        f'<div class="on"><span>{on}</span><i></i></div></div>'
        for who in sheet.signatures
    )
    return f'<div class="sign">{"".join(boxes)}</div>'
