"""Make a screenshot a third of its size: 256 colours are enough for text on paper. Reads what Chromium writes."""

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
RGB = 3


def smaller(png: bytes) -> bytes:
    """Return the picture (8 bits a channel, RGB, not interlaced) with a palette of its 256 most frequent colours."""
    chunks = list(_chunks(png))
    width, height, *kind = struct.unpack(">IIBBBBB", chunks[0][1])
    if kind != [8, 2, 0, 0, 0]:
        raise ValueError("not a picture as Chromium takes them")
    data = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    rows = list(_unfiltered(data, width * RGB))
    seen = Counter(row[at : at + RGB] for row in rows for at in range(0, len(row), RGB))
    palette = [colour for colour, _count in seen.most_common(COLOURS)]
    index = {colour: _nearest(palette, colour) for colour in seen}
    lines = (b"\0" + bytes(index[row[at : at + RGB]] for at in range(0, len(row), RGB)) for row in rows)
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(palette)),
            _chunk(b"IDAT", zlib.compress(b"".join(lines), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _nearest(palette: list[bytes], colour: bytes) -> int:
    return min(range(len(palette)), key=lambda at: sum((a - b) ** 2 for a, b in zip(palette[at], colour, strict=True)))


def _unfiltered(data: bytes, width: int) -> Iterator[bytes]:
    """Undo the filter of each line (PNG specification, section 9); `width` is in bytes."""
    above = bytes(width)
    for start in range(0, len(data), width + 1):
        predict = _PREDICTORS[data[start]]
        line = bytearray(data[start + 1 : start + 1 + width])
        if predict:
            for at in range(width):
                left, corner = (line[at - RGB], above[at - RGB]) if at >= RGB else (0, 0)
                line[at] = (line[at] + predict(left, above[at], corner)) & 255
        above = bytes(line)
        yield above


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


_PREDICTORS: dict[int, Callable[[int, int, int], int] | None] = {
    0: None,
    1: lambda left, up, corner: left,
    2: lambda left, up, corner: up,
    3: lambda left, up, corner: (left + up) >> 1,
    4: _paeth,
}
