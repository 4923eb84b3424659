"""Card numbers, their security codes, and IBANs."""

from __future__ import annotations

import re
from collections import Counter

from nlp.checksums import luhn, mod97
from nlp.placeholders import digits_of

# Between groups: a blank, a dot, or any dash with blanks around it or not.
_CARD = re.compile(r"(?<![\w.,])\d(?:(?:[ .]| ?[-\u2010-\u2015\u2212] ?)?\d){11,}+(?!\w)")
_CARD_BRANDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}|3(?:0[0-5]|095|[689]\d)\d{11}|3(?:0[0-5]\d|095|[689]\d{2})\d{12}"  # Amex, Diners
    r"|(?:6011|64[4-9]\d|65\d{2}|352[89]|35[3-8]\d)\d{12}"  # Discover, JCB
    r"|62\d{14,17}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # UnionPay, Maestro
)
# Their prefixes are common in other numbers: 16 digits of these are a card when they are written in
# fours, or after a word for a card.
_OTHER_BRANDS = re.compile(
    r"(?:220[0-4]|9792|508[5-9]|6069|607\d|608[0-5]|8[12]\d\d"  # Mir, Troy, RuPay
    r"|5067|509\d|6062|506[01]"  # Elo, Hipercard, Verve
    r"|8600|9860|5019)\d{12}"  # Uzcard, Humo, Dankort
)
_CARD_WORD = re.compile(
    r"(?<!\[)\b(?:(?:credit|debit|kredit|bank)?-?(?:cards?|karten?)|cartes?|tarjetas?|cart[a\u00e3]o"
    r"|carta|kaart|kart\u0131?|\u043a\u0430\u0440\u0442[\u0430\u044b\u0443\u0435]|pan|rupay|troy|hipercard|elo|verve)\b[^\d\n]{0,30}$",
    re.IGNORECASE,
)
_WORD_REACH = 60
_CVV = re.compile(
    r"\b(cvv2?|cvc2?|csc|card security code)(\W{0,3}(?:is|code)?\W{0,3})\d{3,4}\b", re.IGNORECASE
)

_IBAN_HEAD = re.compile(r"(?<![\w])[A-Za-z]{2}\d{2}(?=[ -]?[A-Za-z0-9]{3,})", re.ASCII)
_IBAN_LENGTHS = {
    country: length
    for length, countries in (
        (15, "NO"),
        (16, "BE BI"),
        (18, "DK FI FO GL NL SD FK"),
        (19, "MK SI"),
        (20, "AT BA EE KZ LT LU XK MN"),
        (21, "CH HR LI LV"),
        (22, "BG BH CR DE GB GE IE ME RS VA"),
        (23, "AE GI IL IQ OM TL SO"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
        (25, "LY PT ST"),
        (26, "IS TR"),
        (27, "FR GR IT MC MR SM DJ"),
        (28, "AL AZ BY CY DO GT HU LB NI PL SV"),
        (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"),
        (31, "MT SC"),
        (32, "LC"),
        (33, "RU"),
    )
    for country in countries.split()
}


def without_payment_numbers(text: str, counts: Counter[str]) -> str:
    """IBANs as [IBAN], card numbers as [CARD]."""
    text = _without_ibans(text, counts)
    return _CARD.sub(lambda run: _without_cards(run, counts), text)


def without_security_codes(text: str, counts: Counter[str]) -> str:
    """The three or four digits after "CVV" and its like as [CARD]."""
    text, found = _CVV.subn(r"\1\2[CARD]", text)
    counts.update({"CARD": found} if found else {})
    return text


def _without_ibans(text: str, counts: Counter[str]) -> str:
    position = 0
    while (head := _IBAN_HEAD.search(text, position)) is not None:
        position = head.end()
        end = _end_of(text, head.start(), _IBAN_LENGTHS.get(head[0][:2].upper(), 0))
        if end and mod97(re.sub(r"[ -]", "", text[head.start() : end]).upper()):
            text = f"{text[: head.start()]}[IBAN]{text[end:]}"
            counts["IBAN"] += 1
            position = head.start()
    return text


def _end_of(text: str, start: int, length: int) -> int:
    """Where `length` letters and digits, at most one blank or dash between them, end; 0 if none."""
    seen, at, gap = 0, start, False
    while at < len(text) and seen < length:
        character = text[at]
        if character.isascii() and character.isalnum():
            seen, gap = seen + 1, False
        elif character in " -" and not gap:
            gap = True
        else:
            return 0
        at += 1
    ends_well = at == len(text) or not text[at].isalnum()
    return at if length and seen == length and ends_well else 0


def _without_cards(found: re.Match[str], counts: Counter[str]) -> str:
    """A run of digits may hold cards between other numbers: look at whole groups, longest first."""
    run, start = found[0], found.start()
    named = bool(_CARD_WORD.search(found.string[max(0, start - _WORD_REACH) : start]))
    groups = list(re.finditer(r"\d+", run))
    pieces = []
    done = index = 0
    while index < len(groups):
        last = _last_of_card(groups, index, named=named)
        if last is None:
            index += 1
            continue
        pieces += [run[done : groups[index].start()], "[CARD]"]
        counts["CARD"] += 1
        done, index = groups[last].end(), last + 1
    return "".join(pieces) + run[done:]


def _last_of_card(groups: list[re.Match[str]], first: int, *, named: bool) -> int | None:
    """The group with which a card that starts at `first` ends; None when none starts there."""
    digits = ""
    found = None
    in_fours = True
    for index in range(first, len(groups)):
        digits += digits_of(groups[index][0])
        in_fours = in_fours and len(groups[index][0]) == 4
        if len(digits) > 19:
            break
        if len(digits) < 12 or not luhn(digits):
            continue
        other = (named or in_fours) and _OTHER_BRANDS.fullmatch(digits)
        if other or _CARD_BRANDS.fullmatch(digits):
            found = index
    return found
