from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.document import Point
from report.png_chart import SCALE, bars_png

NOW, BAR = 2, 1


def points(*customers: int) -> tuple[Point, ...]:
    return tuple(Point(f"2026-W{week:02d}", n, n) for week, n in enumerate(customers, 1))


def decode(png: bytes) -> list[bytes]:
    """The rows of palette indices; checks signature, chunk order and every checksum."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        kind, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + length]
        (check,) = struct.unpack(">I", png[place + 8 + length : place + 12 + length])
        assert check == zlib.crc32(kind + data)
        chunks[kind] = data
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    rows = [raw[n : n + width + 1] for n in range(0, len(raw), width + 1)]
    assert all(row[0] == 0 for row in rows)
    return [row[1:] for row in rows]


def heights(rows: list[bytes], weeks: int) -> list[int]:
    step = len(rows[0]) / weeks
    columns = [round(index * step) for index in range(weeks)]
    return [sum(row[column] != 0 for row in rows) for column in columns]


def test_bars_stand_on_the_ground_in_proportion_the_last_marked() -> None:
    rows = decode(bars_png(points(0, 15, 30), width=60, height=32))
    assert (len(rows[0]), len(rows)) == (60 * SCALE, 32 * SCALE)
    assert heights(rows, 3) == [SCALE, 30, 60]
    assert {row[-SCALE * 4] for row in rows} == {0, NOW}
    assert rows[-1][0] == BAR
    assert rows[0].count(0) == len(rows[0])  # a margin above the highest


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_any_series_is_an_image_and_always_the_same(customers: list[int]) -> None:
    made = bars_png(points(*customers))
    rows = decode(made)
    assert made == bars_png(points(*customers))
    found = heights(rows, len(customers))
    assert all(SCALE <= one <= 60 for one in found)
    order = sorted(range(len(found)), key=lambda n: customers[n])
    assert [found[n] for n in order] == sorted(found)


@pytest.mark.parametrize("weeks", [0, 61])
def test_no_weeks_or_too_many_are_refused(weeks: int) -> None:
    with pytest.raises(ValueError, match=f"{weeks} weeks"):
        bars_png(points(*range(weeks)), width=60)


def test_as_many_weeks_as_there_are_points_fit() -> None:
    assert len(decode(bars_png(points(*range(60)), width=60))[0]) == 60 * SCALE
