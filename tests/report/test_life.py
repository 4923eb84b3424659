from __future__ import annotations

from dataclasses import replace

import pytest

from nlp.records import Theme, ThemeEvent, Trend
from report.life import Origin, life, standing

THEME = Theme("T1", "leaf", None, "Late payout", "", (), ("x",), 0.5, "2026-W01")
LABELS = {"T1": "Late payout", "T2": "Refund", "P1": "Money"}


def trend(week: str, statements: int) -> Trend:
    numbers = (None, None, None, None, None)
    return Trend(week, "T1", "x", "steady", statements, statements, *numbers, three_months=False)


def sentences(*events: ThemeEvent, **more: object) -> list[str]:
    options: dict[str, object] = {"labels": LABELS, "origin": None, "published": (), **more}
    return [one.sentence for one in life(THEME, events, **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (
            ThemeEvent("2026-W01", "T1", "born", "Late payout: nearest of 9"),
            "It was born; the name “Late payout”: nearest of 9.",
        ),
        (
            ThemeEvent(
                "2026-W01",
                "T1",
                "born by split",
                "Late payout, out of Refund: by a person",
                ("T2",),
            ),
            "It was made out of “Refund” (T2), by a person.",
        ),
        (
            ThemeEvent("2026-W02", "T1", "adopted", "Money", ("P1",)),
            "It came under “Money” (P1).",
        ),
        (
            ThemeEvent("2026-W02", "T1", "retired", "last mentioned in 2026-W01"),
            "It retired: last mentioned in 2026-W01.",
        ),
        (
            ThemeEvent("2026-W03", "T1", "revived", "3 mentions of 2 customers"),
            "It was heard again: 3 mentions of 2 customers.",
        ),
        (
            ThemeEvent("2026-W03", "T1", "dismissed", "9 statements, by Ana"),
            "It was dismissed (9 statements, by Ana); no week had been published with it.",
        ),
        (
            ThemeEvent("2026-W03", "T2", "merged", "into Late payout, 9 statements, why", ("T1",)),
            "It took in “Refund” (T2) (9 statements, why).",
        ),
        (ThemeEvent("2026-W03", "T1", "praised", "by all"), "Praised: by all."),
    ],
)
def test_what_happened_in_a_sentence(event: ThemeEvent, sentence: str) -> None:
    assert sentences(event) == [sentence]


def test_what_a_theme_was_born_of() -> None:
    event = ThemeEvent("2026-W01", "T1", "born", "Late payout: why")
    (sentence,) = sentences(event, origin=Origin(1, 1200, 30))
    assert sentence.startswith("It was born of 1 text in 1,200 messages of 30 customers; ")


def test_the_counts_before_a_merge_are_told() -> None:
    event = ThemeEvent("2026-W12", "T1", "merged", "into Refund, 9 statements, why", ("T2",))
    (sentence,) = sentences(event, published=[trend("2026-W11", 7), trend("2026-W10", 40)])
    assert sentence == (
        "It was merged into “Refund” (T2) (9 statements, why); before that, 2026-W10 to 2026-W11 "
        "were published with 47 statements of it, at most 40 a week."
    )
    (later,) = sentences(event, published=[trend("2026-W12", 7)])
    assert later.endswith("no week had been published with it.")


def test_events_of_others_that_do_not_touch_it_are_left_out_and_order_does_not_matter() -> None:
    events = [
        ThemeEvent("2026-W02", "T2", "merged", "into Money", ("P1",)),
        ThemeEvent("2026-W02", "P1", "family", "Money", ("T1", "T2")),
        ThemeEvent("2026-W02", "T1", "renamed", "Late payout (by a person)"),
        ThemeEvent("2026-W02", "T1", "born", "Late payout: why"),
        ThemeEvent("2026-W01", "T1", "adopted", "Money", ("P1",)),
    ]
    kinds = [one.kind for one in life(THEME, events, labels=LABELS, origin=None, published=())]
    assert kinds == ["adopted", "born", "renamed"]
    assert sentences(*events) == sentences(*events[::-1])


def test_how_a_theme_stands() -> None:
    assert standing(THEME) == "alive"
    assert standing(replace(THEME, pinned=True)) == "alive, pinned"
    quiet = replace(THEME, ended="quiet", retired_week="2026-W30")
    assert standing(quiet) == "quiet since 2026-W30"
    assert standing(replace(quiet, ended="merged")) == "merged in 2026-W30"
