"""A QR code as the path of an SVG drawing, which a template can write without any markup from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET_ZONE = 4  # modules of white on each side (ISO/IEC 18004); scanners need it, most of all on a dark page


@dataclass(frozen=True, slots=True)
class QRCode:
    """`size` is the side with its quiet zone, in modules; `path` is what is black."""

    size: int
    path: str


def qr_code(text: str) -> QRCode:
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = 1
            while x + length < len(row) and row[x + length] == row[x]:
                length += 1
            if row[x]:
                parts.append(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z")
            x += length
    return QRCode(len(rows) + 2 * QUIET_ZONE, "".join(parts))
