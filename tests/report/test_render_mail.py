"""The mail: what clients keep, nothing fetched, and strangers' words as text."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import TypeAdapter

from nlp.records import Theme
from report.build import build_report
from report.document import WeekReport
from report.letter import Letter
from report.owner_part import (
    OwnerPart,
    WeekFacts,
    build_owner_part,
    owner_letter,
    part_to_json,
)
from report.render_mail import Mail, render_mail
from report.render_text import render_chat_markdown, render_text
from report.scene import ReportConfig, make_scene
from report.week_letter import week_letter
from tests.report.conftest import HOSTILE, LOGIN, inputs, theme

SERVER = "https://groundswell.example.com"
# What Outlook, Gmail and their like drop, or what would make them ask somebody.
DROPPED = {"svg", "style", "script", "link", "iframe", "form", "object", "video", "base", "bdi"}
MONSTER = (
    "<img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} =cmd()|'/c calc'!A0 \u202eevil\u202c "
    "\u200b\u200dzero\ufeff @everyone <!channel> [x](javascript:alert(1)) **b** \x00\x1b[31m "
    "https://evil.example/?a=1&b=<2> \U0001f468\u200d\U0001f469\u200d\U0001f467 "
) + "W" * 100_000


class Reader(HTMLParser):
    """Tags with their attributes, and all text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def monster_report() -> WeekReport:
    arguments = inputs()
    themes: list[Theme] = [
        theme(one.id, MONSTER, level=one.level, parent_id=one.parent_id)
        for one in arguments["themes"]
    ]
    return build_report(**(arguments | {"themes": themes}))


@pytest.fixture
def letter(make_report: Callable[..., WeekReport]) -> Letter:
    return week_letter(make_report())


def mail_of(letter: Letter, **more: Any) -> tuple[Mail, Reader]:
    made = render_mail(letter, server=SERVER, **more)
    found = Reader(made.html)
    assert found.open == []
    return made, found


def test_it_is_made_of_what_clients_keep(letter: Letter) -> None:
    made, found = mail_of(letter)
    assert {tag for tag, _ in found.tags} & DROPPED == set()
    for tag, attributes in found.tags:
        assert "class" not in attributes
        assert "id" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        if tag in {"p", "h1", "h2", "h3"}:
            assert "font-family" in (attributes["style"] or "")
    assert made.subject == "Customer feedback, week 2026-W47"
    # Gmail cuts a mail off at 102 KB; the images are parts of their own.
    assert len(made.html.encode()) < 102_000


def test_nothing_is_fetched_and_links_lead_to_the_server_alone(letter: Letter) -> None:
    _, found = mail_of(letter)
    addresses = [a.get("href") or a.get("src") or "" for _, a in found.tags]
    links = {one for one in addresses if one and not one.startswith("cid:")}
    assert f"{SERVER}/weeks/2026-W47" in links
    assert f"{SERVER}/themes/{LOGIN}" in links
    assert all(one.startswith(f"{SERVER}/") for one in links)
    assert not re.search(r"url\(|@import|background=", render_mail(letter, server=SERVER).html)


def test_without_a_server_there_are_no_links(letter: Letter) -> None:
    found = Reader(render_mail(letter).html)
    assert "a" not in {tag for tag, _ in found.tags}


def test_every_chart_is_a_part_with_its_numbers_as_text(letter: Letter) -> None:
    made, found = mail_of(letter)
    images = [attributes for tag, attributes in found.tags if tag == "img"]
    named = {(one["src"] or "").removeprefix("cid:") for one in images}
    assert named == {image.name for image in made.images}
    assert len(images) >= 3
    for one in images:
        assert re.match(r"customers a week, .*: \d", one["alt"] or "")
        assert one["width"]
        assert one["height"]
    assert all(image.content.startswith(b"\x89PNG") for image in made.images)
    assert all(len(image.content) < 1500 for image in made.images)


def test_as_a_file_the_images_are_inside(letter: Letter) -> None:
    attached, inside = render_mail(letter), render_mail(letter, images="inside")
    assert inside.images == ()
    held = set(re.findall(r'src="data:image/png;base64,([^"]+)"', inside.html))
    assert {base64.b64decode(one) for one in held} == {one.content for one in attached.images}
    assert "cid:" not in inside.html


def test_the_same_report_makes_the_same_mail(make_report: Callable[..., WeekReport]) -> None:
    made = [render_mail(week_letter(make_report()), server=SERVER) for _ in range(2)]
    assert made[0] == made[1]


def test_strangers_words_are_text_in_the_mail() -> None:
    made, found = mail_of(week_letter(monster_report()))
    assert "<img src=x onerror=alert(1)> {{ 7*7 }} {% raw %} =cmd()" in found.text
    assert all(tag != "script" for tag, _ in found.tags)
    assert all((a.get("src") or "cid:").startswith("cid:") for t, a in found.tags if t == "img")
    for mark in "\u202e\u202c\u200b\ufeff\x00\x1b":
        assert mark not in made.html
        assert mark not in made.subject
    assert max(len(word) for word in found.text.split()) < 700
    assert len(made.html) < 102_000


def test_strangers_words_are_text_in_text_and_markdown() -> None:
    letter = week_letter(monster_report())
    text = render_text(letter, server=SERVER)
    markdown = render_chat_markdown(letter, server=SERVER)
    assert "<img src=x onerror=alert(1)> {{ 7*7 }}" in text
    assert "&lt;img src=x onerror=alert(1)&gt; \\{\\{ 7\\*7 \\}\\}" in markdown
    assert "<img" not in markdown
    assert "](javascript" not in markdown
    assert "@everyone" not in text
    assert "@everyone" not in markdown
    for mark in "\u202e\u202c\u200b\ufeff\x00\x1b":
        assert mark not in text + markdown
    assert len(text) < 60_000


def test_text_says_what_the_mail_says(letter: Letter) -> None:
    text = render_text(letter, server=SERVER)
    assert text.startswith("Customer feedback, week 2026-W47\n====")
    for lead in letter.leads:
        assert lead.text in text
    assert f"Signed out again and again: {SERVER}/themes/{LOGIN}" in text
    assert "Trend: customers a week, 2026-W40 to 2026-W47" in text
    assert text.rstrip().endswith(f"On the server: {SERVER}/weeks/2026-W47")
    assert SERVER not in render_text(letter)


@pytest.mark.parametrize("render", [render_text, render_chat_markdown])
@pytest.mark.parametrize("limit", [200, 500, 1000, 2000, 4000])
def test_a_short_message_is_cut_between_sections_with_the_place_of_the_rest(
    render: Callable[..., str], limit: int, letter: Letter
) -> None:
    whole = render(letter, server=SERVER)
    short = render(letter, server=SERVER, limit=limit)
    assert len(short) <= limit
    *kept, end = short.rstrip("\n").split("\n\n")
    if len(whole) <= limit:
        assert short == whole
        return
    assert f"{SERVER}/weeks/2026-W47" in end
    assert "whole report" in end
    assert whole.startswith("\n\n".join(kept))
    bare = render(letter, limit=limit)
    assert len(bare) <= limit
    assert "Cut here" in bare


def test_the_limit_is_kept_to_the_character(letter: Letter) -> None:
    whole = render_text(letter)
    assert render_text(letter, limit=len(whole)) == whole
    assert render_text(letter, limit=len(whole) - 1) != whole


def facts(**changes: Any) -> WeekFacts:
    given = inputs() | changes
    scene = make_scene(
        given["week"],
        ReportConfig(),
        given["population"],
        statements=given["statements"],
        assignments=given["assignments"],
        themes=given["themes"],
        owners=given["owners"],
        stages=given["stages"],
    )
    return WeekFacts(
        scene=scene,
        themes=given["themes"],
        trends=given["trends"],
        previous_trends=given["previous_trends"],
        causes=given["causes"],
        root_causes=given["root_causes"],
        friction=given["friction"],
        friction_weeks=8,
        input_digest="ab" * 32,
        code_version="0.1.0",
    )


def test_an_owner_gets_the_own_part_alone() -> None:
    part = build_owner_part(facts(), "identity", "Identity team")
    assert part is not None
    assert [line.theme_id for line in part.friction] == [LOGIN]
    assert part.friction[0].rank == 1
    assert [line.theme_id for line in part.rising] == [LOGIN]
    assert part.unconfirmed == ()
    assert part.themes == 1
    # 12 customers in all wrote this week; seven of them about what is theirs.
    assert part.headline.figures[0].value == 7
    html = render_mail(owner_letter(part)).html
    assert "Identity team" in html
    assert "alert(1)" not in html.replace("apart from “&lt;script&gt;alert(1)", "")


def test_what_is_beside_an_owner_for_now_is_to_be_confirmed() -> None:
    part = build_owner_part(facts(), "support", "Support lead")
    assert part is not None
    assert [gap.theme_id for gap in part.unconfirmed] == [HOSTILE]
    assert "Yours to confirm" in render_text(owner_letter(part))


def test_an_owner_of_nothing_gets_nothing() -> None:
    assert build_owner_part(facts(), "billing", "Billing") is None


def test_in_the_week_the_themes_were_found_nothing_is_new_to_an_owner() -> None:
    arguments = inputs()
    themes = [
        theme(one.id, one.label, level=one.level, born_week=arguments["week"])
        for one in arguments["themes"]
    ]
    part = build_owner_part(facts(themes=themes), "identity", "Identity team")
    assert part is not None
    assert (part.new, part.rising, part.cause_news) == ((), (), ())


def test_a_part_survives_json() -> None:
    part = build_owner_part(facts(), "identity", "Identity team")
    assert part is not None
    assert TypeAdapter(OwnerPart).validate_json(part_to_json(part)) == part
