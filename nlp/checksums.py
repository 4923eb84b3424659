"""The two checksums that payment numbers carry (Luhn also guards national ids)."""

from __future__ import annotations


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1: the doubled-alternate digit sum is a multiple of ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mod97(iban: str) -> bool:
    """ISO 13616: first four characters to the end, letters as 10 to 35, modulo 97 is 1."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1
