from __future__ import annotations

import pytest

from nlp.checksums import luhn, mod97
from nlp.redact import redact

VALID = [
    ("my NHS number is ", "943 476 5919"),
    ("DNI ", "12345678Z"),
    ("", "12345678Z"),
    ("", "X1234567L"),
    ("BSN ", "111222333"),
    ("", "1 85 05 78 006 084 91"),
    ("Steuer-ID ", "86095742719"),
    ("", "86 095 742 719"),
    ("", "RSSMRA85T10A562S"),
    ("", "529.982.247-25"),
    ("cpf ", "52998224725"),
    ("PESEL ", "44051401359"),
    ("", "811218-9876"),
    ("", "131052-308T"),
    ("", "85.07.30-033.28"),
    ("", "123-45-6789"),
    ("my NI number is ", "AB 12 34 56 C"),
]


@pytest.mark.parametrize(("before", "number"), VALID)
def test_a_valid_number_is_replaced(before: str, number: str) -> None:
    assert redact(f"{before}{number}, thanks").text == f"{before}[NATIONAL_ID], thanks"


@pytest.mark.parametrize(
    "text",
    [
        "my NHS number is 9434765918",
        "12345678A",
        "X1234567T",
        "BSN 111222334",
        "185057800608492",
        "Steuer-ID 86095742718",
        "RSSMRA85T10A562T",
        "529.982.247-26",
        "PESEL 44051401358",
        "811218-9877",
        "811318-9876",
        "131052-308U",
        "85.07.30-033.29",
        "000-45-6789",
    ],
)
def test_a_number_with_a_wrong_checksum_stays(text: str) -> None:
    assert redact(text).text == text


@pytest.mark.parametrize(
    "number", ["9434765919", "111222333", "86095742719", "52998224725", "44051401359", "8112189876"]
)
def test_bare_digits_count_only_with_their_name_beside_them(number: str) -> None:
    assert redact(f"order {number}").text == f"order {number}"


def test_checksums_against_published_examples() -> None:
    assert luhn("79927398713")
    assert not luhn("79927398710")
    assert mod97("GB82WEST12345698765432")
    assert not mod97("GB82WEST12345698765423")
