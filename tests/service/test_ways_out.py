from __future__ import annotations

import re
from pathlib import Path

import pytest

import nlp.fields
import nlp.intake
import nlp.repeats
import store.deciding
from service import verdict_preview, week_inputs
from service.ways_out import for_sender, for_web
from store import verdicts


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (
            "there is no theme T-9; ids are in: groundswell export themes --out -",
            "there is no theme T-9; ids are in the list of themes (/themes)",
        ),
        (
            "with the next week's run, or now: groundswell run --week 2026-W46",
            "with the next week's run, or as soon as 2026-W46 is run again",
        ),
        (
            "leave this one out, or first: groundswell correct undo 12",
            "leave this one out, or first: undo correction 12 (/corrections)",
        ),
        ("label is empty; give one in quotes", "label is empty; give one"),
        ("a theme cannot be merged into itself", "a theme cannot be merged into itself"),
    ],
)
def test_a_command_becomes_a_place(told: str, says: str) -> None:
    assert for_web(told) == says


@pytest.mark.parametrize("module", [store.deciding, verdicts, week_inputs, verdict_preview])
def test_no_command_in_the_messages_is_unknown(module: object) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    # Sentences as they are put together: lines joined, values in braces made up.
    text = re.sub(r'"\s*\n\s*f?"', "", source)
    text = re.sub(r"\{[^{}]*\}", "7", text)
    # Told by runs and by the command line only.
    text = text.partition("def changed_told")[0]
    found = re.findall(r'"([^"\n]*groundswell [a-z][^"\n]*)"', text)
    assert found
    assert [one for one in found if "groundswell " in for_web(one)] == []


@pytest.mark.parametrize("module", [nlp.intake, nlp.fields, nlp.repeats])
def test_no_fault_of_an_item_speaks_of_maps_files_or_options(module: object) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    text = re.sub(r'"\s*\n\s*f?"', "", source)
    text = re.sub(r"\{[^{}]*\}", "7", text)
    told = re.findall(r'(?:WrongField\(\s*f?|LOST = )"([^"\n]*)"', text)
    assert told
    spoken = re.compile(r"--|\bmaps?\b|\bcolumn|\bfile|\bconstant|`values`")
    assert [one for one in map(for_sender, told) if spoken.search(one)] == []


def test_a_row_of_a_file_is_told_of_files_and_an_item_of_itself() -> None:
    told = "no source: give --source, a column `source` or a constant in a map"
    assert for_sender(told) == "no source: give the item, or the whole batch, a `source`"
    assert for_sender("empty text: nothing is left") == "empty text: nothing is left"
