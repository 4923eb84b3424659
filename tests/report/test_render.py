from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.charts import bars, describe, interval
from report.document import Point, WeekReport
from report.render_html import render_html
from report.render_markdown import escape_markdown, render_markdown

Make = Callable[..., WeekReport]


class Page(HTMLParser):
    """Tags that are open, ids and addresses met, and whether all tags were closed in order."""

    VOID = frozenset({"meta", "link", "br", "img", "rect", "line", "circle"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        for name in ("href", "src"):
            if found.get(name):
                self.addresses.append(str(found[name]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_html_is_well_formed_and_stands_alone(make_report: Make) -> None:
    text = render_html(make_report())
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(address.startswith("#") for address in page.addresses)
    assert {address[1:] for address in page.addresses} <= set(page.ids)
    assert not {"script", "link", "img", "iframe"} & page.tags
    assert "url(" not in text
    assert "@import" not in text


def test_html_escapes_customers_words(make_report: Make) -> None:
    text = render_html(make_report())
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7*7 }}" in text
    # What reorders text stays inside an isolating element.
    for found in re.finditer("\u202e", text):
        assert text.rfind("<bdi", 0, found.start()) > text.rfind("</bdi>", 0, found.start())


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_every_section_of_the_document_shows(
    make_report: Make, render: Callable[[WeekReport], str]
) -> None:
    text = render(make_report())
    for expected in (
        "The week in numbers",
        "Rising",
        "Three months running",
        "Top friction points",
        "Journey map",
        "ot enough data for shares: 11 problems this week",
        "The sum: 60 + 2 + 3 + 5 = 70, every row that was read.",
        "Unowned or unconfirmed",
        "Data health",
        "since the update to 4.2",
        "12 more customers than usual",
        "Identity team",
        "Since 6 October 2026",
        "no id",
        "needs confirmation",
    ):
        assert expected in text


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_every_interval_says_how_sure_it_is(
    make_report: Make, render: Callable[[WeekReport], str]
) -> None:
    report = make_report()
    first = replace(report.friction[0], rank=1, rank_low=1, rank_high=1)
    text = render(replace(report, friction=(first, *report.friction[1:])))
    assert "likely" not in text
    assert "no other rank" not in text
    assert "rank 1, 90% sure" in text or "1, 90% sure</span>" in text
    assert "with the range each lies in, 95% sure" in text
    assert "by their lowest and highest mark" in text


@pytest.mark.parametrize("render", [render_html, render_markdown])
@pytest.mark.parametrize(
    ("apart", "told"), [(True, "more than chance explains"), (False, "within chance"), (None, "")]
)
def test_a_share_beside_the_week_before_says_whether_it_changed(
    make_report: Make, render: Callable[[WeekReport], str], apart: bool | None, told: str
) -> None:
    report = make_report()
    assert report.journey is not None
    first = replace(report.journey.stages[0], share=0.4, share_before=0.3, share_apart=apart)
    text = render(
        replace(report, journey=replace(report.journey, stages=(first,), lead="as it was"))
    )
    assert "30%" in text
    for words in ("more than chance explains", "within chance"):
        assert (words in text) is (words == told)


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_the_first_week_shows_what_was_found(
    make_report: Make, render: Callable[[WeekReport], str]
) -> None:
    report = replace(make_report(), cold_start=True, found=make_report().rising, rising=())
    text = render(report)
    assert "Themes found" in text
    assert "What changed" not in text


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_same_document_same_bytes(make_report: Make, render: Callable[[WeekReport], str]) -> None:
    assert render(make_report()) == render(make_report())


def test_markdown_keeps_hostile_text_text(make_report: Make) -> None:
    text = render_markdown(make_report())
    assert "<script" not in text
    assert "\u202e" not in text
    assert r"\[x\](http\://x.example)" in text
    assert not re.search(r"^# not a title", text, re.MULTILINE)
    titles = [line for line in text.splitlines() if line.startswith("# ")]
    assert titles == ["# Customer feedback, week 2026-W47"]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("- item", r"\- item"),
        ("1. one", r"1\. one"),
        ("1.5 times", "1.5 times"),
        ("> quote", "&gt; quote"),
        ("a\n\n# title", r"a \# title"),
        ("www.example.com", r"www\.example.com"),
        ("@all $5 a|b `c`", r"\@all \$5 a\|b \`c\`"),
        ("&lt;", "&amp;lt;"),
        ("", ""),
    ],
)
def test_escaping(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


@given(st.text())
def test_escaped_text_is_one_line_without_raw_markup(text: str) -> None:
    escaped = escape_markdown(text)
    assert len(escaped.splitlines()) <= 1
    assert "<" not in escaped
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_\[\]|]", escaped)


def test_bars_say_in_words_what_they_draw() -> None:
    chart = bars([Point("2026-W46", 3, 4), Point("2026-W47", 9, 9)])
    assert 'role="img"' in chart
    assert "customers a week, 2026-W46 to 2026-W47: 3, 9 (highest 9)" in chart
    assert chart.count("<rect") == 2
    assert bars([]) == ""
    assert describe([Point("2026-W47", 1, 1)]).startswith("customers a week, only 2026-W47: 1")


def test_the_chart_of_a_silent_theme_draws() -> None:
    assert 'height="1"' in bars([Point("2026-W47", 0, 0)])


def test_an_interval_is_drawn_inside_its_axis() -> None:
    chart = interval(0.1, 0.2, 5.0, least=0, most=1, text="<b>")
    assert "&lt;b&gt;" in chart
    assert 'width="111.6"' in chart
    with pytest.raises(ValueError, match="no length"):
        interval(0, 0, 0, least=1, most=1, text="")
    with pytest.raises(ValueError, match="between"):
        interval(2, 1, 3, least=0, most=1, text="")
