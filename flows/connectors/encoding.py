"""Bytes to text: by a byte order mark, else as UTF-8, else as Windows-1252, else not at all.

Windows-1252 is taken only where it reads like a language written with it: its letters beyond ASCII
stand alone or in pairs. Cyrillic, Greek, Chinese or Japanese in an encoding of their own have long
runs of them, and are refused. Central European text in Windows-1250 cannot be told apart: name it.
"""

from __future__ import annotations

import codecs
import re

from flows.connectors.rows import UnreadableFile

_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Excel or Word file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "a rich text document"),
)
# UTF-32 first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f]")
# A stray control character or two is one bad row; one in a hundred is no text.
_FEW_CONTROLS = 8
_CONTROL_SHARE = 0.01
_BROKEN_BYTE = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")

_LONG_RUN = re.compile(rb"[\x80-\xff]{3,}")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_LONG_RUN_SHARE = 0.3


def decode(file: str, data: bytes, *, encoding: str | None = None) -> str:
    """The text of a file, without its byte order mark.

    Mostly UTF-8 with a few broken bytes keeps those as lone surrogates, so that only their rows go
    to quarantine.

    Raises:
        UnreadableFile: for an image, an archive or other binary data, for text that is not in the
            `encoding` asked for, and for an encoding that cannot be told.
    """
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise UnreadableFile(f"{file}: is {what}, not text; export it as CSV or JSONL")
    text = _text(file, data, encoding)
    controls = len(_CONTROL.findall(text))
    if controls > _FEW_CONTROLS and controls > _CONTROL_SHARE * len(text):
        raise UnreadableFile(f"{file}: is binary data, not text; export it as CSV or JSONL")
    return text


def _text(file: str, data: bytes, encoding: str | None) -> str:
    if encoding is not None:
        name = "utf-8-sig" if encoding.lower().replace("_", "-") in {"utf-8", "utf8"} else encoding
        return _strict(file, data, name, f"is not {encoding}; change `file.encoding` in the map")
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(file, data, name, f"is marked as {name} but is not; it may be cut")
    sample = data[:4096]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) >= 4 and sample[first::2].count(0) > 0.4 * len(sample):
            return _strict(file, data, name, f"looks like {name} but is not; it may be cut")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    damaged = data.decode("utf-8-sig", errors="surrogateescape")
    if len(_BROKEN_BYTE.findall(damaged)) < len(_BEYOND_ASCII.findall(damaged)):
        return damaged
    problem = (
        "is neither UTF-8 nor Windows-1252; save it as UTF-8, or name its encoding in a map "
        "(file: {encoding: shift_jis})"
    )
    in_runs = sum(len(run) for run in _LONG_RUN.findall(data))
    if in_runs > _LONG_RUN_SHARE * len(_HIGH_BYTE.findall(data)):
        raise UnreadableFile(f"{file}: {problem}")
    return _strict(file, data, "cp1252", problem)


def _strict(file: str, data: bytes, encoding: str, problem: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise UnreadableFile(f"{file}: {problem} ({error})") from error
