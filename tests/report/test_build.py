from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from nlp.population import build_population
from nlp.records import Customer
from report.build import build_report
from report.document import WeekReport, to_json
from report.render_html import render_html
from report.render_markdown import render_markdown
from report.scene import ReportConfig

Make = Callable[..., WeekReport]
LOGIN, HOSTILE, BROAD = "T-0000000001", "T-0000000002", "T-0000000003"


def test_headline_compares_with_the_week_before(make_report: Make) -> None:
    figures = {figure.name: figure for figure in make_report().headline.figures}
    assert (figures["messages"].value, figures["messages"].before) == (12, 11)
    assert figures["messages"].change == 1
    assert (figures["statements"].value, figures["statements"].before) == (11, 10)
    assert figures["mean score"].value > 0


def test_states_and_coverage_count_this_week_only(make_report: Make) -> None:
    health = make_report().health
    assert dict(health.states) == {"leaf": 11, "parent": 0, "unthemed": 0, "noise": 1}
    assert (health.coverage_leaf, health.coverage_any) == (1.0, 1.0)
    assert health.messages == 12


def test_a_broad_theme_gives_way_to_its_narrower_one(make_report: Make) -> None:
    assert [line.theme_id for line in make_report().rising] == [LOGIN]


def test_a_broad_theme_stands_where_none_of_its_own_changed(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    trends = [item for item in arguments["trends"] if item.theme_id != LOGIN]
    assert [line.theme_id for line in make_report(trends=trends).rising] == [BROAD]


def test_rising_says_how_many_more_customers_and_for_how_long(make_report: Make) -> None:
    note = make_report().rising[0].note
    assert note == (
        "12 more customers than usual (23 instead of about 12); 95% sure it is at least 5 more; "
        "rising for 2 weeks now"
    )


def test_labels_come_from_the_registry_not_from_old_records(make_report: Make) -> None:
    assert make_report().friction[0].label == "Signed out again and again"


def test_each_kind_of_cause_shows_before_a_second_of_one_kind(make_report: Make) -> None:
    kinds = [cause.pieces[0].kind for cause in make_report().friction[0].causes]
    assert kinds == ["said", "where", "when"]


def test_unranked_themes_are_counted_out(make_report: Make) -> None:
    report = make_report()
    assert [line.theme_id for line in report.friction] == [LOGIN, HOSTILE]
    assert report.friction_ranked == 2


def test_quotes_come_from_different_customers_and_texts(make_report: Make) -> None:
    quotes = make_report().friction[0].quotes
    assert len(quotes) == 3
    assert len({quote.text for quote in quotes}) == 3


def test_the_same_text_is_quoted_once(make_report: Make) -> None:
    assert len(make_report().friction[1].quotes) == 1


def test_gaps_hold_fallbacks_and_the_unmatched(make_report: Make) -> None:
    gaps = {gap.theme_id: gap.reason for gap in make_report().gaps.themes}
    assert gaps == {HOSTILE: "nothing fits"}


def test_a_theme_without_any_owner_is_a_gap_a_broad_one_is_none(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    owners = {LOGIN: arguments["owners"][LOGIN]}
    gaps = {gap.theme_id: gap.reason for gap in make_report(owners=owners).gaps.themes}
    assert gaps == {HOSTILE: "no owner was matched"}


def test_first_week_reads_as_a_first_week(make_report: Make, arguments: dict[str, Any]) -> None:
    themes = [replace(item, born_week="2026-W47") for item in arguments["themes"]]
    trends = [replace(item, status="new") for item in arguments["trends"]]
    report = make_report(themes=themes, trends=trends, previous_trends=[])
    assert report.cold_start
    assert report.exploratory
    assert report.new == ()
    assert [line.theme_id for line in report.found] == [LOGIN, HOSTILE]
    assert report.sentences[1].text == (
        "The first 2 themes were found this week, on 8 weeks of feedback; results are exploratory "
        "until later weeks confirm them."
    )


def test_one_first_theme_is_singular(make_report: Make, arguments: dict[str, Any]) -> None:
    (theme,) = [replace(t, born_week="2026-W47") for t in arguments["themes"] if t.id == LOGIN]
    report = make_report(themes=[theme])
    assert report.sentences[1].text.startswith("The first theme was found this week, on 8 weeks")


@pytest.mark.parametrize(
    ("least", "expected"),
    [
        (42, "42 distinct statements are needed to tell them apart; there are 41 so far."),
        (
            41,
            "41 distinct statements so far. The first themes wait for more statements",
        ),
        (
            40,
            "41 distinct statements so far. The first themes wait for more statements",
        ),
    ],
)
def test_a_week_without_themes_says_why(make_report: Make, least: int, expected: str) -> None:
    """40 sentences that differ and one hostile text, said again and again."""
    report = without_themes(make_report, least)
    assert report.distinct_statements == 41
    assert (report.themes, report.friction, report.gaps.themes) == (0, (), ())
    assert len(report.sentences) == 2
    assert expected in report.sentences[1].text
    for text in (render_html(report), render_markdown(report)):
        assert expected in text
        assert "Data health" in text
        for absent in ("more than chance", "Three months", "confirmed owner", "friction"):
            assert absent not in text


def test_statements_without_content_do_not_count_towards_themes(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    statements = arguments["statements"]
    noise = {s.id: s for s in statements.values() if s.noise is not None}
    assert noise
    kept = {s.id: replace(s, noise="non-answer") for s in statements.values()}
    assert without_themes(make_report, 300, statements=kept).distinct_statements == 0


def without_themes(make_report: Make, least: int, **changes: Any) -> WeekReport:
    nothing: dict[str, Any] = {
        "themes": [],
        "trends": [],
        "previous_trends": [],
        "causes": [],
        "root_causes": [],
        "friction": [],
        "owners": {},
        "stages": {},
        "assignments": {},
    }
    return make_report(**(nothing | {"least_statements": least} | changes))


def test_windows_are_told_beside_the_numbers(make_report: Make) -> None:
    report = make_report(friction_weeks=1, cause_weeks=13)
    assert "(30 customers in 1 week, owner Identity team)" in report.sentences[2].text
    for text in (render_html(report), render_markdown(report)):
        assert "customers reached in 1 week " in text
        assert "Causes are looked for in 13 weeks." in text


def test_the_main_cause_is_said_once(make_report: Make) -> None:
    text = make_report().sentences[2].text
    assert text.count("ustomers say") == 1
    assert "; main cause: customers say “since the update to 4.2”. Its rank" in text


@pytest.mark.parametrize(("listed", "cut"), [(1, True), (2, False), (3, False)])
def test_a_list_that_is_cut_says_so(
    make_report: Make, arguments: dict[str, Any], listed: int, cut: bool
) -> None:
    trends = [
        replace(item, three_months=True, status="rising")
        for item in arguments["trends"]
        if item.theme_id != BROAD
    ]
    report = make_report(trends=trends, config=ReportConfig(listed=listed))
    for lines, total in (
        (report.rising, report.totals.rising),
        (report.three_months_running, report.totals.three_months_running),
    ):
        assert (len(lines), total) == (min(listed, 2), 2)
    assert "Also: 1 more rising." in report.sentences[1].text
    assert '<span class="quiet">(2)</span>' in render_html(report)
    assert render_html(report).count('<p class="small quiet">And 1 other.</p>') == 2 * cut
    assert render_markdown(report).count("- and 1 other\n") == 2 * cut


def test_a_broad_theme_is_marked(make_report: Make, arguments: dict[str, Any]) -> None:
    trends = [item for item in arguments["trends"] if item.theme_id != LOGIN]
    report = make_report(trends=trends)
    assert [line.broad for line in report.rising] == [True]
    assert '<span class="tag">broad theme</span>' in render_html(report)
    assert f"(broad theme {BROAD})" in render_markdown(report)
    assert '<span class="tag">broad theme</span>' not in render_html(make_report())


def test_a_quiet_week_says_so(make_report: Make) -> None:
    report = make_report(trends=[], friction=[], causes=[], root_causes=[])
    assert "nothing new, rising or falling" in report.sentences[1].text
    assert "not enough data" in report.sentences[2].text
    assert not report.exploratory


def test_no_feedback_at_all_gives_a_report(make_report: Make) -> None:
    report = make_report(
        population=build_population([], [], {}),
        statements={},
        assignments={},
        themes=[],
        trends=[],
        previous_trends=[],
        causes=[],
        root_causes=[],
        friction=[],
        owners={},
        stages={},
    )
    assert report.headline.figures[1].value == 0
    assert report.health.coverage_leaf is None
    assert not report.cold_start


def test_order_of_input_does_not_show(arguments: dict[str, Any]) -> None:
    shuffled = dict(arguments)
    source = random.Random(7)
    for name in ("themes", "trends", "causes", "root_causes", "friction"):
        shuffled[name] = source.sample(arguments[name], len(arguments[name]))
    for name in ("statements", "assignments", "owners", "stages"):
        items = list(arguments[name].items())
        shuffled[name] = dict(source.sample(items, len(items)))
    assert to_json(build_report(**shuffled)) == to_json(build_report(**arguments))


def test_limits_of_the_lists_hold(make_report: Make) -> None:
    report = make_report(config=ReportConfig(top=1, causes=1, quotes=1))
    assert [len(report.friction), len(report.friction[0].causes)] == [1, 1]
    assert len(report.friction[0].quotes) == 1
    assert report.friction_ranked == 2


def test_an_open_interval_is_a_missing_bound(make_report: Make, arguments: dict[str, Any]) -> None:
    trends = [replace(arguments["trends"][0], ratio_high=float("inf"))]
    assert make_report(trends=trends).rising[0].ratio_high is None


def test_a_theme_says_how_many_of_its_mentions_are_one_text(make_report: Make) -> None:
    report = make_report()
    lines = {line.theme_id: line.copies for line in report.friction}
    assert lines[HOSTILE].startswith("20 of 20 mentions of the last 8 weeks are copies of one text")
    # Numbered one by one, and short: people came to it by themselves.
    assert lines[LOGIN] == ""
    for text in (render_html(report), render_markdown(report)):
        assert "20 of 20 mentions of the last 8 weeks" in text
    assert [line.copies for line in report.rising] == [""]


def test_a_week_that_rose_by_a_mass_mail_says_so(arguments: dict[str, Any]) -> None:
    mail = "Please reopen the branch in our town before the end of this year, says {}"
    said = {
        name: replace(item, text=mail.format(n)) if item.noise is None else item
        for n, (name, item) in enumerate(sorted(arguments["statements"].items()))
    }
    report = build_report(**(arguments | {"statements": said}))
    (line,) = report.rising
    assert line.copies.startswith("7 of 7 mentions this week are copies of one text, sent by 7 c")
    assert line.copies in render_html(report).replace("&#39;", "'")
    assert "7 of 7 mentions this week" in render_markdown(report)


def test_how_much_of_the_customer_table_was_heard(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    """Of 50 in the table, c0 to c39 write at all; this week 12 do, of whom two are not in it."""
    this_week = [item for item in arguments["population"].feedback if item.week == "2026-W47"]
    assert len({item.customer_id for item in this_week}) == 12
    missing = sorted({str(item.customer_id) for item in this_week})[:2]
    names = {f"c{number}" for number in range(50)} - set(missing)
    population = build_population(
        arguments["population"].feedback,
        arguments["statements"].values(),
        arguments["assignments"],
        customers=[Customer(name) for name in sorted(names)],
    )
    report = make_report(population=population)
    assert report.base is not None
    assert (report.base.known, report.base.heard, report.base.others) == (48, 10, 2)
    told = (
        "10 of the 48 customers in the customer table (21%) were heard this week; "
        "2 customers heard are not in it."
    )
    assert told in render_html(report)
    assert told in render_markdown(report).replace("\\", "")
    assert make_report().base is None


def test_three_months_running_begins_with_the_costliest(
    make_report: Make, arguments: dict[str, Any]
) -> None:
    trends = [replace(item, three_months=True) for item in arguments["trends"]]
    order = {
        name: [line.theme_id for line in make_report(trends=chosen).three_months_running]
        for name, chosen in (("as told", trends), ("turned", trends[::-1]))
    }
    assert order["as told"] == order["turned"]
    friction = arguments["friction"]
    ranks = {item.theme_id: item.rank for item in friction}
    assert [ranks[name] for name in order["as told"]] == sorted(
        (ranks[name] for name in order["as told"]), key=lambda rank: (rank is None, rank or 0)
    )
    swapped = [
        replace(item, rank=None if item.rank is None else 10 - item.rank) for item in friction
    ]
    report = make_report(trends=trends, friction=swapped)
    ranked = [name for name in order["as told"] if ranks[name] is not None]
    assert len(ranked) > 1
    shown = [line.theme_id for line in report.three_months_running if line.theme_id in ranked]
    assert shown == ranked[::-1]
