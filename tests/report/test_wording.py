from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import Cause, Trend
from report import figures, wording
from report.document import Figure


def trend(**changes: Any) -> Trend:
    fields: dict[str, Any] = {
        "week": "2026-W47",
        "theme_id": "T-1",
        "label": "x",
        "status": "falling",
        "statements": 6,
        "customers": 5,
        "rate_ratio": 0.5,
        "ratio_low": 0.3,
        "ratio_high": 0.8,
        "q_value": 0.01,
        "rank": 1,
        "three_months": False,
    }
    return Trend(**(fields | changes))


def test_falling_is_told_in_customers() -> None:
    assert wording.against_usual(trend()) == (
        "5 fewer customers than usual (5 instead of about 10); 95% sure it is at least 1 fewer"
    )


@pytest.mark.parametrize("bound", [1.0, 1.2])
def test_an_interval_that_holds_no_change_is_not_called_sure(bound: float) -> None:
    assert "sure" not in wording.against_usual(trend(ratio_high=bound))


def test_without_a_ratio_nothing_is_claimed() -> None:
    assert wording.against_usual(trend(rate_ratio=None)) == ""


def test_one_customer_is_singular() -> None:
    text = wording.against_usual(trend(customers=2, rate_ratio=2.0, ratio_low=None))
    assert text == "1 more customer than usual (2 instead of about 1)"


def test_a_steady_theme_claims_no_change() -> None:
    text = wording.theme_note(trend(status="steady"))
    assert text == "5 customers this week, no more or fewer than chance would explain"


def test_about_as_many() -> None:
    assert "about as many as usual" in wording.against_usual(trend(rate_ratio=1.0))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "said"}, "4 customers give this reason or one like it, 40% of the theme"),
        (
            {"kind": "where", "lift": 2.84, "lift_low": 1.5},
            (
                "4 customers, 40% of the theme; 2.8 times as common here as elsewhere, "
                "95% sure it is at least 1.5 times"
            ),
        ),
        (
            {"kind": "when", "onset": dt.date(2026, 10, 6), "event": "Release 4.2", "lift": 3.0},
            ("4 customers, at the time of “Release 4.2”; 3.0 times as frequent as on other days"),
        ),
    ],
)
def test_strength_of_each_kind(fields: dict[str, Any], expected: str) -> None:
    base: dict[str, Any] = {
        "id": "C",
        "theme_id": "T",
        "statement": "s",
        "customers": 4,
        "statements": 5,
        "share_of_theme": 0.4,
        "evidence_ids": (),
    }
    assert wording.cause_strength(Cause(**(base | fields))) == expected


def a_cause(**changes: Any) -> Cause:
    fields: dict[str, Any] = {
        "id": "C",
        "theme_id": "T",
        "kind": "where",
        "statement": "s",
        "customers": 4,
        "statements": 5,
        "share_of_theme": 0.4,
        "evidence_ids": (),
    }
    return Cause(**(fields | changes))


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (1.5, 20.0, "; 2.0 times as common here as elsewhere, 95% sure it is at least 1.5 times"),
        (1.05, 4.0, "; 2.0 times as common here as elsewhere, 95% sure it is at least 1.1 times"),
        (1.04, 4.0, "; 2.0 times as common here as elsewhere, give or take a good deal"),
        (1.5, 20.1, "; 95% sure it is at least 1.5 times as common here as elsewhere"),
        (None, None, "; 2.0 times as common here as elsewhere"),
    ],
)
def test_a_ratio_is_told_as_surely_as_its_interval_allows(
    low: float | None, high: float | None, told: str
) -> None:
    text = wording.cause_strength(a_cause(lift=2.0, lift_low=low, lift_high=high))
    assert text == f"4 customers, 40% of the theme{told}"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "said", "statement": 'Customers say: "since "4.2" came"'}, '“since "4.2" came”'),
        (
            {"kind": "said", "statement": 'Customers say: "since 4.2" (may only be when, not why)'},
            "“since 4.2” (may only be when, not why)",
        ),
        ({"kind": "said", "statement": "\u202esince 4.2"}, "“since 4.2”"),
        ({"conditions": (("plan", "Pro"), ("app_version", "4.2"))}, "plan Pro, app version 4.2"),
        ({"statement": "somewhere"}, "somewhere"),
        (
            {
                "kind": "when",
                "statement": "from 2026-10-06 to 2026-10-22 (release 4.2, 2026-10-06): 3.0 times",
            },
            "from 6 October 2026 to 22 October 2026",
        ),
    ],
)
def test_a_cause_in_plain_words(fields: dict[str, Any], expected: str) -> None:
    assert wording.cause_text(a_cause(**fields)) == expected


def test_an_events_kind_is_written_with_blanks_and_its_name_as_given() -> None:
    text = wording.cause_strength(a_cause(kind="when", event="price_change: plan_a: up"))
    assert text == "4 customers, at the time of “price change plan_a: up”"


@given(st.text(max_size=400), st.integers(min_value=10, max_value=300))
def test_shortened_text_is_one_line_within_the_limit(text: str, limit: int) -> None:
    short = wording.shorten(text, limit=limit)
    assert len(short) <= limit
    assert short == " ".join(short.split())


@pytest.mark.parametrize(("length", "cut"), [(239, False), (240, False), (241, True)])
def test_the_limit_itself_is_not_cut(length: int, cut: bool) -> None:
    assert wording.shorten("x" * length, limit=240).endswith("…") is cut


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0%"), (0.004, "under 1%"), (0.005, "0%"), (0.38, "38%")]
)
def test_percent(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure("n", 46, 34, ""), "12 more than the week before (34)"),
        (Figure("n", 34, 34, ""), "the same as the week before (34)"),
        (Figure("n", 61.5, 62.5, "", 1), "1.0 lower than the week before (62.5)"),
        (Figure("n", 61.52, 61.5, "", 1), "the same as the week before (61.5)"),
        (Figure("n", 3, None, ""), "no week before to compare with"),
    ],
)
def test_change_in_words(figure: Figure, text: str) -> None:
    assert figures.change(figure) == text


def test_many_ties_are_counted() -> None:
    assert figures.tied(["a", "b", "c", "d", "e"]) == "“a”, “b”, “c” and 2 others"


def test_an_onset_in_one_segment_tells_day_and_segment() -> None:
    onset = a_cause(
        kind="when",
        statement=(
            "since 2026-10-03, only in version (missing) (release 4.2, 2026-10-02): 4.1 times as "
            "frequent as on other days there"
        ),
        onset=dt.date(2026, 10, 3),
        conditions=(("version", "(missing)"),),
    )
    assert wording.cause_text(onset) == "since 3 October 2026, only in version (missing)"


@pytest.mark.parametrize("value", ["Asia (APAC)", "2026-09-01"])
def test_no_value_of_a_segment_breaks_an_onset_or_is_taken_for_its_day(value: str) -> None:
    onset = a_cause(
        kind="when",
        statement=f"since 2026-10-03, only in region {value} (release 4.2, 2026-10-02): 4.1 times",
        onset=dt.date(2026, 10, 3),
        conditions=(("region", value),),
    )
    assert wording.cause_text(onset) == f"since 3 October 2026, only in region {value}"


def test_all_events_about_an_onset_are_told_and_equally_near_ones_as_such() -> None:
    day = dt.date(2026, 10, 6)
    events = (
        ("incident: Bank outage", "2026-10-06"),
        ("release: 4.2", "2026-10-06"),
        ("campaign: Autumn", "2026-10-04"),
    )
    told = a_cause(kind="when", onset=day, event=events[0][0], events=events)
    assert wording.cause_strength(told) == (
        "4 customers, at the time of “incident Bank outage” or “release 4.2”; "
        "also about: “campaign Autumn” (4 October 2026)"
    )
    alone = a_cause(kind="when", onset=day, event=events[0][0], events=events[:1])
    assert wording.cause_strength(alone) == "4 customers, at the time of “incident Bank outage”"
