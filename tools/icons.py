"""Draw the icons of the installed app as PNG, from the same shapes as static/icon.svg: python -m tools.icons"""

import struct
import zlib
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
SIDE = 32  # of the drawing
CORNER = 6
FINE = 4  # points a pixel is judged by, in each direction

Colour = tuple[int, int, int]
INK: Colour = (0x1A, 0x23, 0x30)
# Left, top, right, bottom and colour; those that come later lie on top.
SHAPES: tuple[tuple[int, int, int, int, Colour], ...] = (
    (15, 6, 17, 26, (0xFB, 0xFA, 0xF7)),
    (6, 10, 15, 15, (0xF2, 0xA1, 0x5E)),
    (17, 17, 27, 22, (0x6F, 0xB1, 0xEE)),
)


@dataclass(frozen=True)
class Icon:
    """One file. Systems cut the corners of a `is_full` one themselves; of the others they are cut here."""

    name: str
    pixels: int
    is_full: bool


FILES = (
    Icon("icon-192.png", 192, is_full=False),
    Icon("icon-512.png", 512, is_full=False),
    Icon("maskable-512.png", 512, is_full=True),
    Icon("apple-touch-icon.png", 180, is_full=True),
)


def main() -> None:
    ICONS.mkdir(exist_ok=True)
    for icon in FILES:
        (ICONS / icon.name).write_bytes(png(icon))


def png(icon: Icon) -> bytes:
    """The whole file: 8 bits a channel, with transparency."""
    rows = zlib.compress(b"".join(b"\0" + row for row in drawn(icon)), 9)
    header = struct.pack(">IIBBBBB", icon.pixels, icon.pixels, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def drawn(icon: Icon) -> list[bytes]:
    """The rows of pixels, red, green, blue and opacity each. Equal rows are drawn once."""
    known: dict[tuple[tuple[Colour | None, ...], ...], bytes] = {}
    rows = []
    for y in range(icon.pixels):
        points = tuple(_points(icon, (y * FINE + fine + 0.5) / FINE) for fine in range(FINE))
        rows.append(known.get(points) or known.setdefault(points, _row(points)))
    return rows


def _points(icon: Icon, y: float) -> tuple[Colour | None, ...]:
    """The colours of a line of points: the square, without its corners, then what lies on it."""
    across, down = _across(icon), y * SIDE / icon.pixels
    if icon.is_full or CORNER <= down <= SIDE - CORNER:
        line: list[Colour | None] = [INK] * len(across)
    else:
        line = [INK if _is_inside(x, down) else None for x in across]
    for left, top, right, bottom, colour in SHAPES:
        if top <= down < bottom:
            first, end = bisect_left(across, left), bisect_left(across, right)
            line[first:end] = [colour] * (end - first)
    return tuple(line)


@cache
def _across(icon: Icon) -> list[float]:
    """Where the points of each line stand in the drawing, from left to right."""
    return [(x + 0.5) / FINE * SIDE / icon.pixels for x in range(icon.pixels * FINE)]


def _is_inside(x: float, y: float) -> bool:
    """Whether a point lies within the rounded square."""
    across = max(CORNER - x, x - (SIDE - CORNER), 0)
    down = max(CORNER - y, y - (SIDE - CORNER), 0)
    return across**2 + down**2 <= CORNER**2


def _row(points: tuple[tuple[Colour | None, ...], ...]) -> bytes:
    pixels = len(points[0]) // FINE
    return b"".join(_mixed([row[x * FINE + fine] for row in points for fine in range(FINE)]) for x in range(pixels))


def _mixed(points: list[Colour | None]) -> bytes:
    seen = [point for point in points if point is not None]
    if not seen:
        return bytes(4)
    parts = [sum(channel) // len(seen) for channel in zip(*seen, strict=True)]
    return bytes([*parts, 255 * len(seen) // len(points)])


if __name__ == "__main__":
    main()
