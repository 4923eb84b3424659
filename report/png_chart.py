"""Small bar charts as PNG: what mail clients show where they drop SVG.

Written by hand (PNG is zlib and four chunks): an imaging library would be heavy for a grid of some
thousand pixels in three colours, and its output would change with its version.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from report.document import Point

# The screens mails are read on have two pixels and more to a point.
SCALE = 2
# Legible on white as on a dark client's paper: the background is transparent.
_PALETTE = ((255, 255, 255), (138, 164, 189), (47, 128, 208))
_EMPTY, _BAR, _NOW = range(3)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GAP = 2


def bars_png(points: Sequence[Point], *, width: int = 132, height: int = 32) -> bytes:
    """Customers a week as bars, the last one marked, the scale from zero: `charts.bars` in pixels.

    Args:
        points: at least one.
        width: in points; the image has `SCALE` pixels to each.
        height: in points.

    Returns:
        A PNG file: palette of three colours, the first of them transparent; the same bytes for the
        same points on every machine with the same zlib.

    Raises:
        ValueError: there are no points, or more than fit.
    """
    if not points or len(points) > width:
        raise ValueError(f"a chart {width} wide cannot show {len(points)} weeks")
    grid = [bytearray(width * SCALE) for _ in range(height * SCALE)]
    step = width * SCALE / len(points)
    top = max(1, *(point.customers for point in points))
    for index, point in enumerate(points):
        start = round(index * step)
        end = max(start + 1, round((index + 1) * step) - _GAP * SCALE)
        # A week without anybody keeps a line, so that it does not read as "no data".
        tall = max(SCALE, round(point.customers / top * (height - 2) * SCALE))
        colour = _NOW if index == len(points) - 1 else _BAR
        for row in grid[len(grid) - tall :]:
            row[start:end] = bytes([colour]) * (end - start)
    return encode_png(grid)


def encode_png(grid: Sequence[bytes | bytearray]) -> bytes:
    """A PNG of palette indices, one byte a pixel, rows from the top (ISO/IEC 15948)."""
    head = struct.pack(">IIBBBBB", len(grid[0]), len(grid), 8, 3, 0, 0, 0)
    lines = b"".join(b"\0" + bytes(row) for row in grid)
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", head),
            _chunk(b"PLTE", bytes(value for colour in _PALETTE for value in colour)),
            _chunk(b"tRNS", b"\0"),
            _chunk(b"IDAT", zlib.compress(lines, 9)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
