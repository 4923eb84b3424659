"""Messages into statements, with the reason for whatever takes no part in themes."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from nlp.language import Language, parse
from nlp.records import Feedback, Kind, Statement
from nlp.segment import DEFAULT, SPLITTER_VERSION, SplitConfig, split, splitter_version

TICKET = """Hi team,

since I updated to 4.2 the app logs me out every time I lock my phone.
It asks for the password again.

Also, the reminder e-mails go out to clients who have paid.

Thanks,
Marta
Blue Fern Florists

On Mon, 5 Oct 2026, Ledgerline Support wrote:
> Thank you for your message.
"""


def feedback(text: str, kind: Kind = "ticket", key: str = "1") -> Feedback:
    return Feedback(
        id=key,
        source="test",
        kind=kind,
        text=text,
        created_at=dt.datetime(2026, 10, 5, tzinfo=dt.UTC),
        week="2026-W41",
        day=dt.date(2026, 10, 5),
    )


def statements(language: Language, text: str, kind: Kind = "ticket") -> list[Statement]:
    return list(split([feedback(text, kind)], language=language))


def said(found: list[Statement]) -> list[tuple[str | None, str]]:
    return [(one.noise, one.text) for one in found]


def test_a_ticket_with_two_intents(language: Language) -> None:
    found = statements(language, TICKET)
    assert said(found) == [
        ("greeting", "Hi team,"),
        (
            None,
            (
                "since I updated to 4.2 the app logs me out every time I lock my phone. "
                "It asks for the password again."
            ),
        ),
        (None, "Also, the reminder e-mails go out to clients who have paid."),
        ("signature", "Thanks, Marta Blue Fern Florists"),
        (
            "quoted reply",
            "On Mon, 5 Oct 2026, Ledgerline Support wrote: > Thank you for your message.",
        ),
    ]
    assert [one.no for one in found] == [0, 1, 2, 3, 4]
    clauses = [(c.connective, c.text) for c in found[1].clauses]
    assert clauses == [("since", "I updated to 4.2"), ("every time", "I lock my phone")]
    assert all(found[1].text[c.start : c.end] == c.text for c in found[1].clauses)


def test_a_call_note_keeps_the_customers_side(language: Language) -> None:
    text = (
        "Customer is complaining that the payout is late. Agent informed that a review is "
        "running. Advised to wait. She says the bank has no record of it."
    )
    assert said(statements(language, text, "call_note")) == [
        (None, "Customer is complaining that the payout is late."),
        ("agent", "Agent informed that a review is running. Advised to wait."),
        (None, "She says the bank has no record of it."),
    ]


def test_in_a_ticket_only_the_unmistakable_is_the_agents(language: Language) -> None:
    text = "Refunded twice by mistake. Advised customer to call the bank."
    assert said(statements(language, text)) == [
        (None, "Refunded twice by mistake."),
        ("agent", "Advised customer to call the bank."),
    ]


@pytest.mark.parametrize(
    "text",
    ["n/a", "N/A.", "none", "Nothing", "-", ".", "no comment", "Did not answer", "no", "", "👍",
     "Nothing at the moment", "Nothing else, thank you"],
)  # fmt: skip
def test_non_answers(language: Language, text: str) -> None:
    found = statements(language, text, "survey")
    assert [(one.noise, one.no) for one in found] == [("non-answer", 0)]


@pytest.mark.parametrize(
    "text", ["Nothing works", "No parking", "None of the nurses came", "slow", "很慢", "Everything"]
)
def test_short_answers_that_say_something(language: Language, text: str) -> None:
    assert said(statements(language, text, "survey")) == [(None, text)]


def test_a_leading_non_answer_is_split_off(language: Language) -> None:
    assert said(statements(language, "None. The food was cold though.", "survey")) == [
        ("non-answer", "None."),
        (None, "The food was cold though."),
    ]


def test_survey_points_part(language: Language) -> None:
    text = "Staff were very kind to me. Parking cost us a fortune. But the food was cold again."
    assert len(statements(language, text, "survey")) == 3


def test_thanks_alone_is_what_the_customer_says(language: Language) -> None:
    assert said(statements(language, "Thank you so much everyone")) == [
        (None, "Thank you so much everyone")
    ]


def test_placeholders_stay(language: Language) -> None:
    text = "You wrote to [EMAIL] and not to [EMAIL] as I had asked."
    assert statements(language, text)[0].text == text


@pytest.mark.parametrize(
    "text",
    [
        "como eu faço para aumentar a velocidade de download? é muito lenta porque mudou tudo",
        "ログインできません。アップデート後、毎回パスワードを求められます。",
        "لا أستطيع تسجيل الدخول بعد التحديث",
        "word " * 3000,
        "x" * 5000,
        "ab" * 3000,
        "because since after when " * 50,
        "\u200b\ufeff \n\t",
    ],
)
def test_any_text_is_split_and_none_of_it_lost(language: Language, text: str) -> None:
    found = statements(language, text)
    assert found
    assert "".join("".join(one.text for one in found).split()) == "".join(text.split())
    assert all(len(one.text) <= DEFAULT.max_chars for one in found if one.noise is None)


@pytest.mark.parametrize(("words", "parts"), [(59, 1), (60, 1), (61, 2)])
def test_length_limit_just_below_at_and_above(language: Language, words: int, parts: int) -> None:
    text = " ".join(["no"] + ["word"] * (words - 1))
    config = replace(DEFAULT, run_on_words=1000)
    found = split([feedback(text)], language=language, config=config)
    assert len(found) == parts


def corpus() -> list[Feedback]:
    texts = [
        f"{TICKET} {number}. It broke because of the {thing} that I got on day {number}."
        for number in range(50)
        for thing in ("update", "new logo", "bank, which closed")
    ]
    return [feedback(text, key=str(at)) for at, text in enumerate(texts)]


def test_order_and_processes_change_nothing(language: Language) -> None:
    items = corpus()
    expected = split(items, language=language)
    shuffled = items[:]
    random.Random(7).shuffle(shuffled)
    assert split(shuffled, language=language, processes=2) == expected
    alone = [split([item], language=language) for item in items[:10]]
    together = {one.id: one for one in expected}
    assert all(together[one.id] == one for found in alone for one in found)


def test_a_parse_depends_on_its_own_text_alone(language: Language) -> None:
    texts = sorted({item.text for item in corpus()})
    one = [doc.to_bytes() for doc in parse(texts, language=language)]
    two = [doc.to_bytes() for doc in parse(texts[::-1], language=language, processes=2)]
    assert one == two[::-1]


def test_version_follows_the_configuration() -> None:
    assert splitter_version(SplitConfig()) == SPLITTER_VERSION
    assert splitter_version(SplitConfig(max_words=61)) != SPLITTER_VERSION


@pytest.mark.shared
def test_short_questions_stay_whole(language: Language) -> None:
    path = Path(__file__).parents[3] / "shared" / "data" / "banking77" / "data.csv"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with path.open(encoding="utf-8", newline="") as file:
        texts = sorted({row["text"] for row in csv.DictReader(file)})[::4]
    items = [feedback(text, key=f"{at:05d}") for at, text in enumerate(texts)]
    points = Counter(one.feedback_key for one in split(items, language=language) if not one.noise)
    assert len(points) == len(items)
    assert sum(count == 1 for count in points.values()) >= 0.97 * len(items)
