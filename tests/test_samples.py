"""The sample corpus keeps its own laws: it is what its README and its truth file say."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlp.records import SCORE_RANGES
from nlp.weeks import week_of, weeks_between

SAMPLES = Path(__file__).parent.parent / "samples"
VERBATIMS = ("What could be better?", "What do you like?")
WEEKS = weeks_between("2026-W35", "2026-W46")


@dataclass(frozen=True)
class Message:
    id: str
    source: str
    texts: tuple[str, ...]
    at: dt.datetime
    row: Mapping[str, str]

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


def read_csv(name: str) -> list[dict[str, str]]:
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def call_notes() -> list[dict[str, str]]:
    rows = []
    for path in sorted((SAMPLES / "call_notes").glob("*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        rows.append({key: str(value) for key, value in yaml.safe_load(front).items()})
        rows[-1]["text"] = body.strip()
        assert path.stem == rows[-1]["id"]
    return rows


@cache
def messages() -> tuple[Message, ...]:
    rows = read_csv("tickets.csv") + read_csv("surveys.csv") + call_notes()
    return tuple(
        Message(
            id=row["id"],
            source=row["source"],
            texts=tuple(row[c] for c in ("text", *VERBATIMS) if row.get(c)),
            at=dt.datetime.fromisoformat(row["created_at"]),
            row=row,
        )
        for row in rows
    )


@cache
def truth() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((SAMPLES / "truth.yaml").read_text(encoding="utf-8"))
    return loaded


def themes_of(message: Message) -> list[str]:
    found: list[str] = truth()["messages"][message.id]
    return found


def with_main(theme: str) -> list[Message]:
    return [m for m in messages() if themes_of(m)[:1] == [theme]]


def test_ids_are_unique_and_the_truth_names_each_message_once() -> None:
    ids = [m.id for m in messages()]
    assert len(set(ids)) == len(ids) == truth()["messages_total"]
    assert set(truth()["messages"]) == set(ids)


def test_there_are_at_least_900_distinct_texts() -> None:
    texts = {text for m in messages() if themes_of(m) for text in m.texts}
    assert len(texts) >= 900


@pytest.mark.parametrize(("source", "least"), [("helpdesk", 400), ("pulse", 400), ("calls", 120)])
def test_each_source_has_its_share(source: str, least: int) -> None:
    assert sum(m.source == source for m in messages()) >= least


def test_each_week_has_60_to_110_messages_and_none_lies_outside() -> None:
    in_utc = Counter(week_of(m.at.astimezone(dt.UTC).date()) for m in messages())
    local = Counter(week_of(m.at.date()) for m in messages())
    assert in_utc == local
    assert sorted(local) == list(WEEKS)
    assert all(60 <= n <= 110 for n in local.values()), local


def test_every_time_has_an_offset_and_working_days_are_busier() -> None:
    assert all(m.at.utcoffset() is not None for m in messages())
    weekend = sum(m.at.weekday() >= 5 for m in messages())
    assert weekend < len(messages()) / 5
    assert all(m.at.weekday() < 5 for m in messages() if m.source == "calls")


def test_a_customer_keeps_plan_region_and_account() -> None:
    fixed: dict[str, set[tuple[str, str, str]]] = {}
    for m in messages():
        key = (m.row["plan"], m.row["region"], m.row.get("account_id") or "")
        fixed.setdefault(m.row["customer_id"], set()).add(key)
    assert all(len(values) == 1 for values in fixed.values())
    assert 350 <= len(fixed) <= 420
    assert sum(n > 1 for n in Counter(m.row["customer_id"] for m in messages()).values()) > 200


def test_scores_are_in_range_and_fall_with_friction() -> None:
    by_theme: dict[str, list[float]] = {}
    for m in messages():
        if m.source != "pulse":
            continue
        kind = m.row["score_kind"]
        assert kind in {"nps", "csat"}
        low, high = SCORE_RANGES["nps" if kind == "nps" else "csat"]
        score = float(m.row["score"])
        assert low <= score <= high
        for theme in themes_of(m)[:1]:
            by_theme.setdefault(theme, []).append((score - low) / (high - low))
    mean = {theme: sum(values) / len(values) for theme, values in by_theme.items()}
    worst = sorted(mean, key=lambda theme: mean[theme])[:2]
    assert set(worst) == {"login_loop", "bank_feed_broken"}
    assert max(mean, key=lambda theme: mean[theme]) == "praise_easy_to_use"


def test_tickets_are_resolved_after_they_came() -> None:
    tickets = [m for m in messages() if m.source == "helpdesk"]
    resolved = [m for m in tickets if m.row["resolved_at"]]
    assert len(resolved) > 0.8 * len(tickets)
    assert all(dt.datetime.fromisoformat(m.row["resolved_at"]) > m.at for m in resolved)
    assert {m.row["channel"] for m in tickets} == {"email", "chat", "phone", "in_app"}


def test_no_version_is_in_use_before_its_release() -> None:
    released = {
        "4.0": dt.date(2026, 1, 1),
        "4.1": dt.date(2026, 8, 31),
        "4.2": dt.date(2026, 9, 29),
    }
    assert all(m.at.date() >= released[m.row["version"]] for m in messages())


def test_phones_take_up_the_release_slowly_and_never_go_back() -> None:
    seen: dict[tuple[str, str], list[tuple[dt.datetime, str]]] = {}
    for m in messages():
        if m.row["device"] != "web":
            key = (m.row["customer_id"], m.row["device"])
            seen.setdefault(key, []).append((m.at.astimezone(dt.UTC), m.row["version"]))
    for history in seen.values():
        versions = [version for _, version in sorted(history)]
        assert versions == sorted(versions)
    last = [h for history in seen.values() for h in history if week_of(h[0].date()) == WEEKS[-1]]
    share = sum(version == "4.2" for _, version in last) / len(last)
    assert 0.6 < share < 0.95


def test_attributes_agree_with_what_the_text_says() -> None:
    for m in messages():
        text = m.text
        if "login_loop" in themes_of(m)[:1] and re.search(r"\b4\.2\b", text) and "iPhone" in text:
            assert (m.row["device"], m.row["version"]) == ("ios", "4.2"), m.id
        if (
            re.search(r"\bon (our |the )?Business\b|Business plan\b", text)
            and "upgrade" not in text
        ):
            assert m.row["plan"] in {"Business", "Pro"}, m.id
        if m.source == "calls" or len(m.texts) > 1:
            continue
        if "receipt_scan_blurry" in themes_of(m)[:1]:
            for device, words in (("ios", r"[Ii][Pp]hone"), ("android", r"[Aa]ndroid|Samsung")):
                if re.search(words, text):
                    assert m.row["device"] == device, m.id
        for plan in ("Starter", "Pro", "Business"):
            said = rf"[Oo]n (our |the |your )?{plan}\b|pay for {plan}\b"
            if re.search(said, text):
                assert m.row["plan"] == plan, (m.id, text)
        if re.search(r"HMRC|BAS time|\bG'day\b", text) and m.source == "helpdesk":
            assert m.row["region"] in {"UK", "AU"}, m.id


def test_nobody_speaks_of_a_thing_before_its_day() -> None:
    for theme, day in (("price_increase", "2026-10-06"), ("receipt_scan_blurry", "2026-10-12")):
        first = min(m.at.date() for m in messages() if theme in themes_of(m))
        assert dt.date.fromisoformat(day) <= first <= dt.date.fromisoformat(day) + dt.timedelta(3)
    for m in messages():
        for quoted in re.finditer(r"On \w{3}, (\d{1,2} \w{3} 2026), Ledgerline", m.text):
            written = dt.datetime.strptime(quoted[1], "%d %b %Y").date()  # noqa: DTZ007
            assert written <= m.at.date() <= written + dt.timedelta(28), m.id


def test_the_truth_refers_to_what_exists() -> None:
    ids = {m.id for m in messages()}
    keys = {theme["key"] for theme in truth()["themes"]}
    assert len(keys) == 20
    assert {t for found in truth()["messages"].values() for t in found} == keys | {"one_off"}
    causes = truth()["causes"]
    assert {c["theme"] for group in causes.values() for c in group} <= keys
    for cause in causes["said"]:
        assert len(cause["messages"]) >= 20
        for message in cause["messages"]:
            assert cause["theme"] in truth()["messages"][message]
    assert set(truth()["mass_text"]["messages"]) | set(truth()["added_plain"]) <= ids
    events = {(row["day"], row["name"]) for row in read_csv("events.csv")}
    for cause in causes["when"]:
        if cause["event"] is not None:
            assert (cause["onset"].isoformat(), cause["event"]) in events


def test_theme_counts_are_the_counted_ones() -> None:
    for theme in truth()["themes"]:
        inside = [m for m in messages() if theme["key"] in themes_of(m)]
        assert theme["messages"] == len(inside)
        assert theme["main"] == len(with_main(theme["key"])) >= 40
        kinds = Counter(m.row["kind"] for m in inside)
        assert theme["kinds"] == {k: kinds[k] for k in ("ticket", "survey", "call_note")}


@pytest.mark.parametrize("cause", truth()["causes"]["where"], ids=lambda c: str(c["theme"]))
def test_planted_concentrations_are_in_the_data(cause: dict[str, Any]) -> None:
    def matches(m: Message) -> bool:
        return all(m.row[key] == value for key, value in cause["conditions"].items())

    inside = with_main(cause["theme"])
    elsewhere = [m for m in messages() if cause["theme"] not in themes_of(m)]
    share = sum(map(matches, inside)) / len(inside)
    base = sum(map(matches, elsewhere)) / len(elsewhere)
    assert share == pytest.approx(cause["share_inside"], abs=0.001)
    assert base == pytest.approx(cause["share_elsewhere"], abs=0.001)
    assert share < 0.95  # noise remains
    assert share / base > (2.5 if cause["strength"] == "strong" else 1.8)


def test_the_pair_ios_and_42_stands_out_among_messages_of_the_same_weeks() -> None:
    late = [m for m in messages() if m.at.date() >= dt.date(2026, 9, 29)]

    def rate(device: str, version: str) -> float:
        cell = [m for m in late if (m.row["device"], m.row["version"]) == (device, version)]
        return sum("login_loop" in themes_of(m) for m in cell) / len(cell)

    assert rate("ios", "4.2") > 3 * max(
        rate("ios", "4.1"), rate("android", "4.2"), rate("web", "4.2")
    )


@pytest.mark.parametrize("cause", truth()["causes"]["when"], ids=lambda c: str(c["theme"]))
def test_onsets_are_real_jumps(cause: dict[str, Any]) -> None:
    onset, days = cause["onset"], [m.at.date() for m in with_main(cause["theme"])]
    before, after = sum(d < onset for d in days), sum(d >= onset for d in days)
    assert (before, after) == (cause["before"], cause["after"])
    end = min(cause.get("calm_after", dt.date(2026, 11, 15)), onset + dt.timedelta(27))
    length = (end - onset).days + 1
    rate_before = before / (onset - dt.date(2026, 8, 24)).days
    rate_after = sum(onset <= d <= end for d in days) / length
    assert rate_after > 2 * rate_before


def test_the_unexplained_onset_has_no_event_within_six_days() -> None:
    (alone,) = [c for c in truth()["causes"]["when"] if c["event"] is None]
    for row in read_csv("events.csv"):
        assert abs((dt.date.fromisoformat(row["day"]) - alone["onset"]).days) > 6


def test_new_themes_have_no_message_before_their_week() -> None:
    for new in truth()["new_themes"]:
        assert min(week_of(m.at.date()) for m in with_main(new["theme"])) == new["week"]


def test_copies_are_the_same_text_by_the_same_customer_within_a_day() -> None:
    by_id = {m.id: m for m in messages()}
    assert len(truth()["copies"]) == 8
    for copy in truth()["copies"]:
        one, two = by_id[copy["id"]], by_id[copy["copy_of"]]
        assert one.texts == two.texts
        assert one.row["customer_id"] == two.row["customer_id"]
        assert dt.timedelta(0) < one.at - two.at < dt.timedelta(days=1)
    mass = [by_id[i] for i in truth()["mass_text"]["messages"]]
    assert len({m.text for m in mass}) == 1
    assert len({m.row["customer_id"] for m in mass}) == 5


def test_personal_data_is_from_ranges_kept_for_examples() -> None:
    text = "\n".join(m.text for m in messages())
    for host in re.findall(r"[\w.+-]+@([\w.-]*\w)", text):
        assert host in {"example.com", "example.org"}
    for digits in re.findall(r"\b(?:\d{4} ){3}\d{4}\b", text):
        assert digits == "4111 1111 1111 1111"
    for phone in re.findall(r"\+44 [\d ]+\d|\b555-\d{4}", text):
        assert re.fullmatch(r"\+44 7700 900\d{3}|555-01\d\d", phone), phone


def test_no_text_gives_a_theme_key_away() -> None:
    keys = [theme["key"] for theme in truth()["themes"] if "_" in theme["key"]]
    assert not [m.id for m in messages() for key in keys if key in m.text]


def test_the_broken_file_has_two_usable_rows() -> None:
    rows = read_csv("broken/tickets_broken.csv")
    assert [row["id"] for row in rows if row["text"].startswith("A good row")] == [
        "brk-01",
        "brk-10",
    ]
    assert len(rows) == 10
    assert "\x00" in rows[7]["text"]
