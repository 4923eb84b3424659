"""Telephone numbers, by their shape or by the word before them."""

from __future__ import annotations

import re
from collections import Counter

from nlp.placeholders import digits_of, swap

_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d([-./ ])[01]?\d\1[0-3]?\d"
    r"|[0-3]?\d([-./ ])[0-3]?\d\2(?:19|20)\d\d"
    r"|(?<![\d./-])[0-3]?\d([-./])[0-3]?\d\3\d\d(?!\d|[-./]\d))"
)
_PHONE_INTERNATIONAL = re.compile(
    r"(?<![\w+.,=])\+ ?\(?[1-9](?:[ .\-/()\u2010-\u2013]{0,3}\d){6,14}(?![\w])"
)
_PHONE_NANP = re.compile(
    r"(?<![\w.,/=-])(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-. ])[2-9]\d\d[-. ]\d{4}(?!\w|[-./,]\d)"
)
_PHONE_TRUNK = re.compile(
    r"(?<![\w.,/=-])(?:\(0\d{1,5}\)|00?[1-9]\d{0,4})(?:[ .\-/]{1,3}\d{2,8}){1,5}(?!\w|[-./,:]\d)"
)
_PHONE_UK_MOBILE = re.compile(r"(?<![\w.,/=-])07[1-57-9]\d{8}(?!\w|[-./,]\d)")
_PHONE_NAMED = re.compile(
    r"\b(?:(?:tele)?phones?|telefono|tel|telefon|t\u00e9l(?:\u00e9phone)?|tel\u00e9fono|mobiles?|m\u00f3vil|cell|fax|handy"
    r"|rufnummer|whats ?app|sms|text|txt|call|dial|ring|reach|contact|landline|callback)"
    r"(?:[\s:=#.,'\"()\u2013-]+|\b(?:me|us|him|her|them|back|on|at|is|was|are|via|by|to|my|the|our|your|new|old"
    r"|home|work|mobile|cell|phone|contact|customer|caller|number|numbers|num|no|nr|or)\b){1,12}+"
    r"(\(?\d(?:[ ().\-/]{0,2}\d){6,14})(?![\w])",
    re.IGNORECASE,
)


def without_phone_numbers(text: str, counts: Counter[str]) -> str:
    """Telephone numbers as [PHONE]; dates are left alone."""
    text = swap(_PHONE_INTERNATIONAL, "PHONE", text, counts, _is_phone)
    text = swap(_PHONE_NANP, "PHONE", text, counts, _is_phone)
    text = swap(_PHONE_TRUNK, "PHONE", text, counts, _is_national_phone)
    text = swap(_PHONE_UK_MOBILE, "PHONE", text, counts)
    return _PHONE_NAMED.sub(lambda match: _after_its_name(match, counts), text)


def _is_phone(number: str) -> bool:
    return 7 <= len(digits_of(number)) <= 15 and not _DATE.search(number)


def _is_national_phone(number: str) -> bool:
    """Nine digits with the trunk 0 (Belgium) to fourteen with 00 and the country."""
    return 9 <= len(digits_of(number)) <= 14 and not _DATE.search(number)


def _after_its_name(match: re.Match[str], counts: Counter[str]) -> str:
    number = match[1]
    if not _is_phone(number):
        return match[0]
    counts["PHONE"] += 1
    return f"{match[0][: -len(number)]}[PHONE]"
