from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from report.document import WeekReport
from report.render_html import render_html
from report.render_markdown import render_markdown
from tests.report.conftest import HOSTILE_TEXT, LOGIN, WEEK, cause, root_cause, theme, trend

Make = Callable[..., WeekReport]

BURST = cause(
    "C-burst",
    "when",
    statement=(
        "since 2026-11-16 (unexplained onset): 9 customers say much the same, in the week it began "
        'at least 4.5 times as many as usual (95% sure): "all sites are blocked"; words that tell '
        "it: avast, blocked"
    ),
    onset=dt.date(2026, 11, 16),
    centre="desk/1#0",
    cosine=0.7,
    lift=9.0,
    lift_low=4.5,
    lift_high=30.0,
)


def test_causes_that_are_new_or_rising_are_told_the_surest_first(make_report: Make) -> None:
    told = cause("C-1", "said")
    report = make_report(
        causes=[told, BURST],
        root_causes=[
            root_cause("R-1", told, trend="rising", trend_q=0.04),
            root_cause("R-2", BURST, trend="new", trend_q=0.001),
            root_cause("R-3", told, trend="falling", trend_q=0.0001),
            root_cause("R-4", told, trend="rising", trend_q=0.0, state="rejected"),
        ],
    )
    assert [(one.cause.cause_id, one.trend) for one in report.cause_news] == [
        ("R-2", "new"),
        ("R-1", "rising"),
    ]
    assert report.cause_news_total == 2
    assert report.cause_news[0].label == "Signed out again and again"
    html, markdown = render_html(report), render_markdown(report)
    for shown in (html, markdown):
        assert "all sites are blocked" in shown
        assert "95% sure it was at least 4.5 times as many as usual" in shown
    assert (
        "since 16 November 2026, 12 customers say much the same" in report.cause_news[0].cause.text
    )


def test_a_hostile_burst_shows_as_text(make_report: Make) -> None:
    burst = cause("C-b", "when", statement=f'since: "{HOSTILE_TEXT}"', centre="desk/1#0")
    report = make_report(causes=[burst], root_causes=[root_cause("R-1", burst, trend="new")])
    assert "<script>" not in render_html(report)


def test_a_theme_born_without_standing_out_is_recognised_not_new(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    born = theme("T-0000000009", "Dark mode", born_week=WEEK)
    report = make_report(
        themes=[*arguments["themes"], born],
        trends=[*arguments["trends"], trend(born.id, "steady")],
    )
    assert [line.theme_id for line in report.recognised] == [born.id]
    assert born.id not in {line.theme_id for line in report.new}
    assert "Recognised for the first time" in render_html(report)
    assert "Recognised for the first time" in render_markdown(report)
    assert not make_report().recognised
    assert LOGIN not in {line.theme_id for line in report.recognised}
