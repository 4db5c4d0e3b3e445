"""QR pictures: one text as SVG or PNG, with the quiet zone scanners need."""

import io

import segno
from flask import Response

# ISO/IEC 18004 asks for a quiet zone of four modules.
QUIET_ZONE_MODULES = 4
MODULE_PIXELS = 8


def qr_svg(text: str) -> Response:
    """The text as a QR code, drawn as SVG."""
    return _picture(text, "svg", "image/svg+xml")


def qr_png(text: str) -> Response:
    """The text as a QR code, drawn as PNG."""
    return _picture(text, "png", "image/png")


def _picture(text: str, kind: str, content_type: str) -> Response:
    drawn = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(drawn, kind=kind, scale=MODULE_PIXELS, border=QUIET_ZONE_MODULES, light="white")
    # Whoever has the picture has the goods: no cache may keep it.
    return Response(
        drawn.getvalue(), content_type=content_type, headers={"Cache-Control": "no-store"}
    )
