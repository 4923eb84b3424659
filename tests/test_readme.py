"""What README.md names exists: commands with their options, files, settings, make targets."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from flows.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST_SCREEN = 30  # lines


def _commands() -> list[list[str]]:
    lines = re.findall(r"groundswell [^`\n]+", README)
    return [shlex.split(line, comments=True)[1:] for line in lines if "compose" not in line]


def _known() -> set[str]:
    return set(get_command(app).commands)  # type: ignore[attr-defined]


def test_first_screen_shows_both_commands() -> None:
    screen = README.splitlines()[:FIRST_SCREEN]
    assert any(line.startswith("make demo ") for line in screen)
    assert any(line.startswith("make test ") for line in screen)


@pytest.mark.parametrize(
    "words", [words for words in _commands() if words[0] in _known()], ids=" ".join
)
def test_every_command_shown_exists_with_its_options(words: list[str]) -> None:
    path = [word for word in words[:2] if word.isalpha()]
    shown = CliRunner().invoke(app, [*path, "--help"])
    if shown.exit_code != 0:
        path = path[:1]
        shown = CliRunner().invoke(app, [*path, "--help"])
    assert shown.exit_code == 0, shown.output
    for option in (word for word in words if word.startswith("--")):
        assert option in shown.output, f"{' '.join(path)} has no {option}"


def test_no_command_shown_is_unknown() -> None:
    shown = {words[0] for words in _commands() if not words[0].startswith(("-", "/"))}
    assert len(shown) >= 8
    assert shown <= _known()


def test_files_named_exist() -> None:
    named = {
        name
        for name in re.findall(r"[`(]([A-Za-z_]+(?:/[A-Za-z_./-]*|\.md))[`)]", README)
        if not name.startswith(("http", "done/", "refused/"))
    }
    assert {"samples/maps/surveys.yaml", "EXPORTS.md", "flows/quiet.py"} <= named
    for name in named:
        assert (ROOT / name).exists(), name


def test_settings_named_are_read_and_all_are_named() -> None:
    named = set(re.findall(r"GROUNDSWELL_[A-Z_]+", README))
    source = "".join(
        (ROOT / package / "settings.py").read_text(encoding="utf-8") for package in ("flows", "api")
    )
    assert named == set(re.findall(r"GROUNDSWELL_[A-Z_]+", source))


def test_make_targets_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE):
        assert f"\n{target}:" in makefile


def test_what_redaction_does_not_catch_is_what_the_code_says() -> None:
    """The README's list is the docstring's, so that neither promises more than the other."""
    import nlp.redact

    said = " ".join((nlp.redact.__doc__ or "").split())
    gaps = said.partition("Not caught: ")[2].partition(". Wrongly caught")[0]
    gaps = re.sub(r" \([^)]*\)", "", gaps)
    assert len(gaps.split(", ")) > 8
    shown = " ".join(README.split())
    for gap in gaps.split(", "):
        assert gap in shown, f"README.md does not say that this is not caught: {gap}"


def test_no_changelog_entry_is_missing_for_this_version() -> None:
    from importlib.metadata import version

    assert f"## {version('groundswell')}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
