"""The screenshots' own compression keeps the picture."""

import struct
import zlib

import pytest

from tests.smaller_png import SIGNATURE, _chunk, _chunks, smaller

PIXELS = [[(x * 40, y * 60, (x + y) * 20) for x in range(4)] for y in range(5)]


def filtered(kind: int) -> bytes:
    """The lines of PIXELS, each behind this filter of the PNG specification."""
    data, above = b"", [0] * 12
    for row in PIXELS:
        line = [channel for pixel in row for channel in pixel]
        data += bytes([kind])
        for at, value in enumerate(line):
            left, corner = (line[at - 3], above[at - 3]) if at >= 3 else (0, 0)
            up, guess = above[at], left + above[at] - corner
            nearest = min((left, up, corner), key=lambda one: abs(guess - one))
            data += bytes([(value - [0, left, up, (left + up) // 2, nearest][kind]) & 255])
        above = line
    return data


@pytest.mark.parametrize("kind", range(5), ids=["none", "sub", "up", "average", "paeth"])
def test_a_picture_of_few_colours_is_kept_exactly(kind: int) -> None:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 5, 8, 2, 0, 0, 0))
    png = SIGNATURE + header + _chunk(b"IDAT", zlib.compress(filtered(kind))) + _chunk(b"IEND", b"")
    chunks = dict(_chunks(smaller(png)))
    palette, data = chunks[b"PLTE"], zlib.decompress(chunks[b"IDAT"])
    rows = [[tuple(palette[3 * one : 3 * one + 3]) for one in data[5 * y + 1 : 5 * y + 5]] for y in range(5)]
    assert rows == PIXELS


def test_another_kind_of_picture_is_refused() -> None:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 5, 8, 6, 0, 0, 0))
    with pytest.raises(ValueError, match="Chromium"):
        smaller(SIGNATURE + header)
