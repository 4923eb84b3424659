from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from report.document import WeekReport, from_json, to_json
from report.render_html import render_html
from report.render_markdown import render_markdown

Make = Callable[..., WeekReport]


def test_json_round_trip(make_report: Make) -> None:
    report = make_report()
    assert from_json(to_json(report)) == report
    assert to_json(from_json(to_json(report))) == to_json(report)


def test_a_broken_document_names_the_field(make_report: Make) -> None:
    data = json.loads(to_json(make_report()))
    del data["friction"][0]["label"]
    with pytest.raises(ValueError, match=r"friction\.0\.label"):
        from_json(json.dumps(data))


def test_nothing_in_it_tells_the_time_of_day(make_report: Make) -> None:
    assert "T09:00" not in to_json(make_report())


def test_a_document_of_format_2_still_loads_and_draws(make_report: Make) -> None:
    data = json.loads(to_json(make_report()))
    del data["journey"], data["base"]
    data["format"] = 2
    old = from_json(json.dumps(data))
    assert (old.format, old.journey, old.base) == (2, None, None)
    for text in (render_html(old), render_markdown(old)):
        assert "Top friction points" in text
        assert "Journey map" not in text
    assert from_json(to_json(old)) == old
