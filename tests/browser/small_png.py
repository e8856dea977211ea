"""A screenshot with 256 colours instead of millions: a third of the size, and no difference to be seen.

The pages have few colours and many shades at the edges of letters. The most frequent colours stay exactly as they are;
then come those that are least like any of them, such as the green of one small tick. Every other shade becomes the
nearest of these.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS, RARE, CHANNELS = 256, 64, 3


def with_256_colours(png: bytes) -> bytes:
    """`png`: as Chromium writes it, 8-bit RGB without interlacing. Any other kind raises ValueError."""
    chunks = list(_chunks(png))
    header = dict(chunks)[b"IHDR"]
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", header)
    if (depth, kind) != (8, 2):
        raise ValueError("not an RGB picture")
    packed = b"".join(content for name, content in chunks if name == b"IDAT")
    rows = list(_rows(zlib.decompress(packed), width * CHANNELS))
    pixels = [[row[at : at + CHANNELS] for at in range(0, len(row), CHANNELS)] for row in rows]
    counted = Counter(pixel for row in pixels for pixel in row)
    palette = _palette(counted)
    index = {colour: min(range(len(palette)), key=lambda at: _distance(colour, palette[at])) for colour in counted}
    lines = b"".join(b"\0" + bytes(index[pixel] for pixel in row) for row in pixels)
    return SIGNATURE + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(palette)),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _palette(counted: Counter[bytes]) -> list[bytes]:
    palette = [colour for colour, _ in counted.most_common(COLOURS - RARE)]
    away = {colour: min(_distance(colour, chosen) for chosen in palette) for colour in counted}
    while len(palette) < min(COLOURS, len(counted)):
        palette.append(max(away, key=lambda colour: away[colour]))
        away = {colour: min(before, _distance(colour, palette[-1])) for colour, before in away.items()}
    return palette


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _rows(data: bytes, length: int) -> Iterator[bytes]:
    """Each row without the filter that its first byte names (PNG specification, section 9)."""
    above = bytes(length)
    starts = range(0, len(data) + 1, length + 1)
    for begin, end in pairwise(starts):
        above = _unfiltered(data[begin], data[begin + 1 : end], above)
        yield above


def _unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    done = bytearray(row)
    if kind == 0:
        return row
    for at in range(len(row)):
        left = done[at - CHANNELS] if at >= CHANNELS else 0
        up, corner = above[at], above[at - CHANNELS] if at >= CHANNELS else 0
        if kind == 4:
            distances = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
            predicted = (left, up, corner)[distances.index(min(distances))]
        else:
            predicted = (left, up, (left + up) // 2)[kind - 1]
        done[at] = (row[at] + predicted) & 0xFF
    return bytes(done)


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
