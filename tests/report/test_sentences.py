from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from report import wording
from report.document import WeekReport
from report.sentences import sentences

Make = Callable[..., WeekReport]


def third(report: WeekReport, cause: str) -> str:
    """The third sentence where the first friction point has this one cause."""
    first = report.friction[0]
    line = replace(first, tied_with=(), causes=(replace(first.causes[0], text=cause),))
    return sentences(
        report.headline,
        {"new": (), "rising": (), "falling": ()},
        [line],
        cold_start=False,
        history_weeks=8,
        leaves=2,
        distinct=400,
        least=300,
        friction_weeks=8,
    )[2].text


@pytest.mark.parametrize(
    ("cause", "end"),
    [
        ("plan Pro", "as customers say: plan Pro."),
        # A quotation cut in the middle goes; what stands before it is whole.
        (
            "from 29 September 2026 (Release 4.2), mostly device ios, customers say “"
            + "word " * 20,
            "from 29 September 2026 (Release 4.2), mostly device ios.",
        ),
        # Nothing stands before it: it is cut, and the ellipsis ends the sentence.
        ("“" + "word " * 40 + "”", "word word word…"),
        # The quotation was closed before the cut.
        ("“short”, " + "word " * 40, "word word…"),
    ],
)
def test_the_main_cause_ends_as_a_sentence_does(make_report: Make, cause: str, end: str) -> None:
    text = third(make_report(), cause)
    assert text.endswith(end)
    assert "…." not in text


def test_every_sentence_names_the_section_it_leads_to(make_report: Make) -> None:
    for sentence in make_report().sentences:
        assert sentence.section in wording.SECTION_NAMES


def test_what_else_changed_is_counted_by_kind(make_report: Make) -> None:
    report = make_report()
    line = report.rising[0]
    text = sentences(
        report.headline,
        {"new": (), "rising": (line, line, line), "falling": (line,)},
        (),
        cold_start=False,
        history_weeks=8,
        leaves=2,
        distinct=400,
        least=300,
        friction_weeks=8,
    )[1].text
    assert text.endswith("Also: 2 more rising and 1 falling.")
