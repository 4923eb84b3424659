from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from report.document import WeekReport, from_json, to_json

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
