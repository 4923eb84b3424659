from __future__ import annotations

from dataclasses import replace

from nlp.records import Theme, ThemeEvent
from store.database import Session
from store.themes import save_theme_events, save_themes, theme_events, themes_as_of

THEME = Theme(
    id="T1",
    level="leaf",
    parent_id="P1",
    label="app crashes",
    label_reason="most said",
    terms=("crash", "app"),
    exemplars=("b" * 64, "a" * 64),
    threshold=0.1 + 0.2,
    born_week="2026-W10",
)


def test_a_theme_is_written_again_only_when_it_changed(session: Session) -> None:
    assert save_themes(session, "2026-W10", [THEME]) == 1
    assert save_themes(session, "2026-W11", [THEME]) == 0
    renamed = replace(THEME, label="app closes itself")
    other = replace(THEME, id="A2", born_week="2026-W12")
    assert save_themes(session, "2026-W12", [renamed, other]) == 2
    retired = replace(renamed, retired_week="2026-W13")
    assert save_themes(session, "2026-W13", [retired]) == 1

    assert themes_as_of(session, "2026-W09") == ()
    assert themes_as_of(session, "2026-W10") == (THEME,)
    assert themes_as_of(session, "2026-W11") == (THEME,)
    assert themes_as_of(session, "2026-W12") == (other, renamed)
    assert themes_as_of(session) == themes_as_of(session, "2026-W13") == (other, retired)


def test_the_same_week_again_replaces_its_state(session: Session) -> None:
    save_themes(session, "2026-W10", [THEME])
    again = replace(THEME, label="another")
    assert save_themes(session, "2026-W10", [again]) == 1
    assert themes_as_of(session) == (again,)


def test_events_are_kept_once_and_can_be_chosen(session: Session) -> None:
    born = ThemeEvent("2026-W10", "T1", "born", "from 12 customers", ("T0", "T9"))
    renamed = ThemeEvent("2026-W12", "T1", "renamed", "by ana")
    other = ThemeEvent("2026-W10", "A2", "born", "")
    save_theme_events(session, [renamed, born, other, born])
    save_theme_events(session, [born])
    assert theme_events(session) == [other, born, renamed]
    assert theme_events(session, theme_id="T1") == [born, renamed]
    assert theme_events(session, until_week="2026-W11") == [other, born]
    assert theme_events(session, theme_id="T1", until_week="2026-W09") == []
