"""A person's card as a drawing to print: the QR, the code below it, the name beside it."""

from xml.sax.saxutils import escape

import segno
from flask import Response

from people import Card

# A bank card, ISO/IEC 7810 ID-1, in tenths of a millimetre.
WIDTH, HEIGHT = 856, 540
QR_SIDE = 400
MARGIN = 40


def card_svg(card: Card) -> Response:
    """The card, drawn as SVG at its printed size."""
    code = segno.make(card.text, error="m", micro=False)
    modules = code.symbol_size(border=4)[0]
    picture = code.svg_inline(border=4, scale=QR_SIDE / modules, light="white")
    right, top = MARGIN + QR_SIDE + 30, 140
    lines = [
        (top, 44, "福巡 Fuxun"),
        (top + 90, 36, card.nickname),
        (top + 190, 44, card.code),
        (top + 260, 28, f"No. {card.version}"),
    ]
    words = "".join(
        f'<text x="{right}" y="{y}" font-size="{size}" font-family="sans-serif">'
        f"{escape(_printable(text))}</text>"
        for y, size, text in lines
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH / 10}mm" height="{HEIGHT / 10}mm" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}"><rect width="{WIDTH}" height="{HEIGHT}" rx="32" '
        f'fill="white" stroke="black"/><g transform="translate({MARGIN},{(HEIGHT - QR_SIDE) / 2})">'
        f"{picture}</g>{words}</svg>"
    )
    # Whoever has the picture has the card: no cache may keep it.
    headers = {"Cache-Control": "no-store"}
    return Response(drawn, content_type="image/svg+xml", headers=headers)


def _printable(text: str) -> str:
    """Without control characters, which no XML may hold, and no longer than the card is wide."""
    return "".join(letter for letter in text if letter.isprintable())[:12]
