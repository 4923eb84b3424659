from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from nlp.causes.when import when
from nlp.population import Population
from nlp.records import Cause, DatedEvent

Plant = Callable[..., Population]
START = dt.date(2026, 1, 5)
WEEKDAY = np.array([1.3, 1.2, 1.1, 1.0, 1.0, 0.5, 0.4])


def day(number: int) -> dt.date:
    return START + dt.timedelta(days=number)


def world(
    plant: Plant,
    seed: int,
    *,
    bursts: Mapping[str, tuple[int, int, float]],
    noise: int = 6,
    days: int = 84,
    drift: float = 0.0,
    shuffled: int | None = None,
) -> Population:
    """Forty messages a day; bursts: theme -> (first day, length, lift)."""
    random = np.random.default_rng(seed)
    volume = random.poisson(40 * WEEKDAY[np.arange(days) % 7])
    at = np.repeat(np.arange(days), volume)
    themes: dict[str, list[int]] = {}
    for name in [*bursts, *(f"noise{i}" for i in range(noise))]:
        rates = np.full(days, 0.025) * np.exp(random.normal(0, drift, days // 7)).repeat(7)
        if name in bursts:
            first, length, lift = bursts[name]
            rates[first : first + length] *= lift
        themes[name] = np.flatnonzero(random.random(at.size) < rates[at]).tolist()
    return plant(at.tolist(), themes, shuffled=shuffled)


def run(
    population: Population, events: Sequence[DatedEvent] = (), *, last: int = 83, **options: object
) -> tuple[Cause, ...]:
    return when(
        population,
        themes=list(population.members),
        events=events,
        until=day(last),
        **options,  # type: ignore[arg-type]
    )


def test_planted_onsets_are_found_within_three_days_with_the_right_event(plant: Plant) -> None:
    bursts = {"burst": (30, 10, 6.0), "shift": (50, 99, 4.0)}
    events = [
        DatedEvent(day(29), "incident", "bank outage"),
        DatedEvent(day(49), "release", "4.2"),
        DatedEvent(day(70), "release", "4.3"),
    ]
    near, right, false = 0, 0, 0
    for seed in range(8):
        causes = run(world(plant, seed, bursts=bursts), events)
        false += sum(cause.theme_id.startswith("noise") for cause in causes)
        for theme, event in (("burst", "incident: bank outage"), ("shift", "release: 4.2")):
            mine = [cause for cause in causes if cause.theme_id == theme and cause.onset]
            planted = day(bursts[theme][0])
            near += any(abs((cause.onset - planted).days) <= 3 for cause in mine if cause.onset)
            right += any(cause.event == event for cause in mine)
    assert near >= 14, f"{near} of 16 onsets within three days"
    assert right >= 14, f"{right} of 16 with the right event"
    assert false <= 2


@pytest.mark.parametrize("drift", [0.0, 0.25])
def test_noise_has_no_onset(plant: Plant, drift: float) -> None:
    causes = sum(
        len(run(world(plant, 50 + seed, bursts={}, noise=25, drift=drift))) for seed in range(4)
    )
    assert causes <= 4  # of 100 themes


def test_a_rise_of_all_feedback_is_no_onset(plant: Plant) -> None:
    days = [d for d in range(84) for _ in range(20 if d < 50 else 100)]
    assert run(plant(days, {"T": range(0, len(days), 20)})) == ()


def test_a_monday_theme_is_no_burst(plant: Plant) -> None:
    days = [d for d in range(84) for _ in range(40)]
    mondays = [row for row, d in enumerate(days) if d % 7 == 0 and row % 40 < 8]
    assert run(plant(days, {"T": mondays})) == ()


@pytest.mark.parametrize(
    ("offset", "named"), [(-4, False), (-3, True), (0, True), (1, True), (2, False)]
)
def test_window_of_events(plant: Plant, offset: int, *, named: bool) -> None:
    population = world(plant, 1, bursts={"T": (40, 10, 12.0)}, noise=0)
    (cause,) = run(population)
    assert cause.onset is not None
    assert "unexplained onset" in cause.statement
    event = DatedEvent(cause.onset + dt.timedelta(days=offset), "release", "9")
    (again,) = run(population, [event])
    assert (again.event == "release: 9") is named


def test_the_nearest_event_wins_and_ties_go_by_kind_and_name(plant: Plant) -> None:
    population = world(plant, 1, bursts={"T": (40, 10, 12.0)}, noise=0)
    onset = run(population)[0].onset
    assert onset is not None
    far = DatedEvent(onset - dt.timedelta(days=2), "a", "far")
    near = [DatedEvent(onset + dt.timedelta(days=d), "b", f"near{d}") for d in (-1, 1)]
    assert run(population, [far, *near])[0].event == "b: near-1"
    assert run(population, [*near[::-1], far])[0].event == "b: near-1"


def test_later_days_and_events_are_not_seen(plant: Plant) -> None:
    population = world(plant, 2, bursts={"T": (60, 24, 9.0)}, noise=0)
    assert run(population, last=59) == ()
    early = run(population, [DatedEvent(day(71), "release", "late")], last=70)
    assert [cause.theme_id for cause in early] == ["T"]
    assert early[0].event is None
    assert early[0].onset is not None
    assert early[0].onset <= day(70)


def test_the_same_onset_keeps_its_id(plant: Plant) -> None:
    population = world(plant, 3, bursts={"T": (45, 30, 6.0)}, noise=0)
    (first,) = run(population, last=60)
    (later,) = run(population, [DatedEvent(day(45), "release", "4.2")], known=[first])
    assert later.id == first.id
    assert later.event == "release: 4.2"
    (fresh,) = run(population, [DatedEvent(day(45), "release", "4.2")])
    assert fresh.id != first.id


@pytest.mark.parametrize(("count", "told"), [(4, False), (5, True), (6, True)])
def test_fewest_customers(plant: Plant, count: int, *, told: bool) -> None:
    days = [d for d in range(84) for _ in range(40)]
    population = plant(days, {"T": [40 * 50 + i for i in range(count)]})
    assert bool(run(population)) is told


def test_order_of_rows_does_not_matter(plant: Plant) -> None:
    bursts = {"T": (30, 10, 6.0)}
    plain = run(world(plant, 4, bursts=bursts))
    assert plain == run(world(plant, 4, bursts=bursts, shuffled=5))
    assert plain[0].statements == len(plain[0].evidence_ids) > 0


def test_too_short_a_series_has_no_onset(plant: Plant) -> None:
    assert run(plant([0] * 20 + [13] * 20, {"T": range(20, 40)}), last=13) == ()
    assert run(plant([], {})) == ()
