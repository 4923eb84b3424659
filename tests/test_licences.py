"""No dependency's licence forbids that Groundswell is under Apache-2.0."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Permissive, or weak copyleft that ends at the file (MPL) or at the unmodified library (LGPL).
ALLOWED = re.compile(
    r"\b(MIT|MIT-0|BSD|BSD-[23]-Clause|0BSD|Apache|ISC|PSF-2\.0|MPL-2\.0|MPL 2\.0|LGPL-3\.0-only"
    r"|Zlib|CC0-1\.0|BSL-1\.0|Artistic)\b",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(
    r"\b(AGPL|GPL|GPLv\d\+?|SSPL|BUSL|proprietary|non-?commercial)\b", re.IGNORECASE
)
# One licence or the other, at our choice; we choose the first.
CHOICE = {"text-unidecode": ("Artistic License", "GNU General Public License")}


def _locked() -> list[str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)


def stated_licence(name: str) -> str:
    """What the package's metadata says: expression, else licence field, else classifiers."""
    about = metadata(name)
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in about.get_all("Classifier") or []
        if line.startswith("License")
    ]
    if "License-Expression" in about:
        return about["License-Expression"]
    field = about["License"].strip().splitlines()[:1] if "License" in about else []
    return "; ".join([*field, *classifiers])


@pytest.mark.parametrize("name", sorted(set(_locked())))
def test_licence_allows_ours(name: str) -> None:
    try:
        stated = stated_licence(name)
    except PackageNotFoundError:
        pytest.skip("not for this platform or Python version")
    if name in CHOICE:
        chosen, other = CHOICE[name]
        assert chosen in stated
        stated = stated.replace(other, "")
        stated = FORBIDDEN.sub("", stated)
    assert ALLOWED.search(stated), f"{name} is under {stated!r}"
    assert not FORBIDDEN.search(stated), f"{name} is under {stated!r}"


@pytest.mark.parametrize(
    "stated", ["GPL-3.0-only", "AGPL-3.0", "GPLv2+", "BUSL-1.1", "Proprietary"]
)
def test_what_forbids_it_is_seen(stated: str) -> None:
    assert FORBIDDEN.search(stated)
    assert not ALLOWED.search(stated)
