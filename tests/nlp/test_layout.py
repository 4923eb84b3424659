"""Greeting, signature, quotation, footer, agent: found where they are, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.layout import lay_out
from nlp.records import Kind


def marks(text: str, kind: Kind = "ticket") -> list[tuple[str | None, str]]:
    return [(block.noise, block.text) for block in lay_out(text, kind=kind)]


def test_a_letter() -> None:
    text = (
        "Good afternoon,\n\nThe PDF is cut off.\n\nKind regards,\nJoan Marsh\nTwo Sisters Bakery\n"
        "+44 7700 900123\nSent from my iPhone"
    )
    assert marks(text) == [
        ("greeting", "Good afternoon,"),
        (None, "The PDF is cut off."),
        ("signature", "Kind regards, Joan Marsh Two Sisters Bakery +44 7700 900123"),
        ("boilerplate", "Sent from my iPhone"),
    ]


@pytest.mark.parametrize(
    "header",
    [
        "On Mon, 5 Oct 2026, Ledgerline Support wrote:\n> Have you tried it?",
        "On Mon, 5 Oct 2026 at 10:11, Support <help@example.com>\nwrote:\nHave you tried it?",
        "-----Original Message-----\nHave you tried it?",
        "From: Support\nSent: Monday\nTo: me\nSubject: Re\n\nHave you tried it?",
        "> Have you tried it?",
    ],
)
def test_what_others_wrote_is_quoted(header: str) -> None:
    found = marks(f"It still fails.\n\n{header}")
    assert found[0] == (None, "It still fails.")
    assert {noise for noise, _ in found[1:]} == {"quoted reply"}


def test_an_answer_below_the_quotation_is_the_customers() -> None:
    text = "On Mon, 7 Sep 2026, Support wrote:\n> We will be in touch.\n\nIt is now Friday."
    assert marks(text)[-1] == (None, "It is now Friday.")


def test_inline_greeting_is_split_off() -> None:
    assert marks("Hi team, the feed is down.") == [
        ("greeting", "Hi team,"),
        (None, "the feed is down."),
    ]


def test_a_greeting_below_a_title_is_one() -> None:
    assert [noise for noise, _ in marks("App is slow\n\nHello\n\nIt hangs. Hello?")] == [
        None,
        "greeting",
        None,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Hide my e-mail, please.",
        "Dear is the new price, far too dear.",
        "Best app ever",
        "Thanks to the update nothing works",
        "On the invoice he wrote: paid",
        "History of Firefox is gone",
    ],
)
def test_look_alikes_are_content(text: str) -> None:
    assert [noise for noise, _ in marks(text)] == [None]


def test_a_bare_name_signs_a_ticket_not_a_survey_answer() -> None:
    text = "The app is slow.\n\nMeridian Signs"
    assert marks(text)[-1] == ("signature", "Meridian Signs")
    assert marks(text, "survey")[-1] == (None, "Meridian Signs")


def test_bullets_open_blocks_and_wrapped_lines_do_not() -> None:
    text = (
        "I have two wishes that I would like to see in the next\nversion of the app:\n"
        "- dark mode\n- export"
    )
    blocks = lay_out(text, kind="survey")
    assert [(block.text, block.bullet) for block in blocks] == [
        ("I have two wishes that I would like to see in the next version of the app:", False),
        ("dark mode", True),
        ("export", True),
    ]


def test_speakers_of_a_transcript() -> None:
    text = "Customer: the feed is down\nAgent: have you reconnected?\nCustomer: twice"
    assert marks(text, "call_note") == [
        (None, "the feed is down"),
        ("agent", "Agent: have you reconnected?"),
        (None, "twice"),
    ]


def test_footers_are_boilerplate() -> None:
    text = "It fails.\n\nThis email is confidential and intended solely for\nthe addressee.\n"
    assert marks(text)[-1] == (
        "boilerplate",
        "This email is confidential and intended solely for the addressee.",
    )
    assert marks("Thank you for contacting us.")[0][0] == "boilerplate"


LINES = st.lists(
    st.sampled_from(
        [
            "Hi,",
            "It broke",
            "> quoted",
            "Thanks",
            "Joan",
            "",
            "--",
            "Agent: no",
            "a, b and c.",
            "On",
        ]
    )
    | st.text(alphabet="abc .,!?>éÀ中", max_size=20),
    max_size=8,
)


@given(LINES, st.sampled_from(["ticket", "survey", "call_note", "review"]))
def test_every_word_is_in_one_block(lines: list[str], kind: Kind) -> None:
    text = "\n".join(lines)
    kept = " ".join(block.text for block in lay_out(text, kind=kind)).split()
    assert kept == text.split()


def test_a_hostile_line_is_read_in_no_time() -> None:
    for line in ("thanks " * 4000, "-" * 20000 + "!", "a-" * 9000 + "?", "hi " * 9000):
        assert lay_out(f"It broke.\n{line}", kind="ticket")
