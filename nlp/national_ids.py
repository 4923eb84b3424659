"""National identity numbers that carry a checksum, and the test that each must pass.

A number that also occurs as an order number by chance (ten or eleven bare digits pass one check in
ten) counts only with its name beside it ("NHS", "BSN", ...). A number whose letters, punctuation or
two independent checks make chance rare (below 1 in 100 for random text of the same shape) counts
anywhere. The US social security number has no checksum; only its dashed form with a possible area,
group and serial counts. Not here, so not caught: the ids of other countries, UK National Insurance
numbers without a name beside them, passports, driving licences.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

from nlp.checksums import luhn

# How far before a number its name may stand: "my NHS number, if it helps, is 943 476 5919".
_NAME_REACH = 40


@dataclass(frozen=True, slots=True)
class NationalId:
    """One country's number: how it is written, what makes it valid, the names it needs beside it.

    `named` is None where the shape and the check alone make false positives rare.
    """

    country: str
    shape: re.Pattern[str]
    valid: Callable[[str], bool]
    named: re.Pattern[str] | None = None

    def replace(self, text: str, placeholder: str) -> tuple[str, int]:
        """The text with each valid number replaced, and how many were."""
        found = 0

        def swap(match: re.Match[str]) -> str:
            nonlocal found
            before = text[max(0, match.start() - _NAME_REACH) : match.start()]
            if self.named is not None and not self.named.search(before):
                return match[0]
            if not self.valid(_characters(match[0])):
                return match[0]
            found += 1
            return placeholder

        return self.shape.sub(swap, text), found


def _characters(number: str) -> str:
    return "".join(
        str(int(c)) if c.isdecimal() else c.upper() for c in number if c.isalnum() or c == "+"
    )


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _nhs(number: str) -> bool:
    total = sum(
        int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)
    )
    return len(set(number)) > 1 and (11 - total % 11) % 11 == int(number[9])


def _dni(number: str) -> bool:
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def _bsn(number: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    return len(set(number)) > 1 and total % 11 == 0


def _insee(number: str) -> bool:
    body = number[:13].replace("2A", "19").replace("2B", "18")
    return body.isdigit() and 97 - int(body) % 97 == int(number[13:])


def _steuer_id(number: str) -> bool:
    product = 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    repeats = sorted(number[:10].count(digit) for digit in set(number[:10]))
    return number[0] != "0" and repeats[-1] in {2, 3} and (11 - product) % 10 == int(number[10])


_FISCAL_ODD = dict(
    zip(
        "0123456789KLMNOPQRSTUVWXYZ",
        (
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ),
        strict=True,
    )
)
_FISCAL_ODD |= {
    letter: _FISCAL_ODD[digit] for letter, digit in zip("ABCDEFGHIJ", "0123456789", strict=True)
}


def _codice_fiscale(number: str) -> bool:
    total = 0
    for place, character in enumerate(number[:15]):
        if place % 2 == 0:
            total += _FISCAL_ODD[character]
        else:
            total += int(character) if character.isdigit() else ord(character) - ord("A")
    return chr(ord("A") + total % 26) == number[15]


def _cpf(number: str) -> bool:
    for length in (9, 10):
        total = sum(
            int(digit) * weight
            for digit, weight in zip(number[:length], range(length + 1, 1, -1), strict=True)
        )
        if total * 10 % 11 % 10 != int(number[length]):
            return False
    return len(set(number)) > 1


def _pesel(number: str) -> bool:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    total = sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))
    century, month = divmod(int(number[2:4]), 20)
    year = (1900, 2000, 2100, 2200, 1800)[century] + int(number[:2])
    return total % 10 == 0 and _is_day(year, month, int(number[4:6]))


def _personnummer(number: str) -> bool:
    digits = number.replace("+", "")[-10:]
    day = int(digits[4:6])
    # A coordination number carries the day plus 60.
    return luhn(digits) and _is_day(2000, int(digits[2:4]), day - 60 if day > 60 else day)


def _hetu(number: str) -> bool:
    digits = number.replace("+", "")
    body, check = digits[:6] + digits[-4:-1], digits[-1]
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(body) % 31] == check


def _belgian(number: str) -> bool:
    body, check = int(number[:9]), int(number[9:])
    return check in {97 - body % 97, 97 - (2_000_000_000 + body) % 97}


def _always(_: str) -> bool:
    return True


def _shape(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(r"(?<![\w.,/-])" + pattern + r"(?![\w]|[.,/-]\d)", flags)


def _names(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


NATIONAL_IDS: tuple[NationalId, ...] = (
    NationalId("US", _shape(r"(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}"), _always),
    NationalId("UK", _shape(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), _nhs, _names("nhs")),
    NationalId(
        "UK",
        _shape(r"[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D]", re.IGNORECASE),
        _always,
        _names(r"national insurance|ni (?:number|no)|nino"),
    ),
    NationalId("ES", _shape(r"(?:\d{8}|[XYZ]-?\d{7})[ -]?[A-HJ-NP-TV-Z]"), _dni),
    NationalId(
        "ES",
        _shape(r"(?:\d{2}\.?\d{3}\.?\d{3}|[XYZ]-?\d{7})[ -]?[A-HJ-NP-TV-Z]", re.IGNORECASE),
        _dni,
        _names("dni|nie|nif"),
    ),
    NationalId(
        "NL", _shape(r"\d{4}[ .]?\d{2}[ .]?\d{3}"), _bsn, _names("bsn|burgerservice\\w*|sofi\\w*")
    ),
    NationalId(
        "FR",
        _shape(r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[ABab]) ?\d{3} ?\d{3} ?\d\d"),
        _insee,
    ),
    NationalId("DE", _shape(r"\d\d \d{3} \d{3} \d{3}"), _steuer_id),
    NationalId(
        "DE",
        _shape(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
        _steuer_id,
        _names(r"steuer\W?id\w*|steuer\w*nummer|id\W?nr|tin|tax id"),
    ),
    NationalId(
        "IT",
        _shape(
            r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\d[A-Z]\d{3}[A-Z]",
            re.IGNORECASE | re.ASCII,
        ),
        _codice_fiscale,
    ),
    NationalId("BR", _shape(r"\d{3}\.\d{3}\.\d{3}-\d\d"), _cpf),
    NationalId("BR", _shape(r"\d{9}-?\d\d"), _cpf, _names("cpf")),
    NationalId("PL", _shape(r"\d{11}"), _pesel, _names("pesel\\w*")),
    NationalId("SE", _shape(r"(?:19|20)?\d{6}[-+]\d{4}"), _personnummer),
    NationalId(
        "SE",
        _shape(r"(?:19|20)?\d{10}"),
        _personnummer,
        _names("person(?:al)?\\W?(?:nr|nummer|number)"),
    ),
    NationalId(
        "FI", _shape(r"[0-3]\d[01]\d{3}[-+ABCDEFYXWVU]\d{3}[0-9A-FHJ-NPR-Y]", re.ASCII), _hetu
    ),
    NationalId("BE", _shape(r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"), _belgian),
)
