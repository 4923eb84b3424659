"""House rules, as tests: imports point one way, files stay small, lock and pyproject agree."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PACKAGES = ("labels", "nlp", "store", "report", "service", "flows", "api")
LONGEST = 400
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\"]+)")


def _sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _pins(lines: list[str]) -> dict[str, list[str]]:
    pins: dict[str, list[str]] = {}
    for line in lines:
        if found := _PIN.match(line):
            pins.setdefault(found[1].lower().replace("_", "-"), []).append(found[2])
    return pins


def _lint_imports(folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """import-linter, run in a process of its own on the packages in `folder`."""
    script = "from importlinter.cli import lint_imports_command as c; c()"
    command = [sys.executable, "-c", script, "--config", str(config), "--no-cache"]
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_imports_point_one_way() -> None:
    done = _lint_imports(ROOT, ROOT / "pyproject.toml")
    assert done.returncode == 0, done.stdout
    assert "4 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("labels", "import nlp"),
        ("nlp", "import store"),
        ("nlp", "import prefect"),
        ("report", "import store"),
        ("store", "import service"),
        ("service", "import flows"),
        ("service", "import typer"),
        ("store", "import flows"),
        ("api", "import flows"),
        ("flows", "import api"),
        ("flows", "import sqlalchemy"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path: Path, module: str, line: str) -> None:
    """The contracts hold on bare packages of the same names, and break with `line`."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    assert _lint_imports(tmp_path, ROOT / "pyproject.toml").returncode == 0
    (tmp_path / module / "planted.py").write_text(f"{line}\n")
    done = _lint_imports(tmp_path, ROOT / "pyproject.toml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{module}.planted -> {line.split()[1]}" in done.stdout


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    long = {
        str(path.relative_to(ROOT)): length
        for path in _sources()
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}


def test_no_module_takes_a_name_of_the_standard_library() -> None:
    """A script started inside a package folder would import `types` or `queue` from there."""
    named = {path.stem if path.stem != "__init__" else path.parent.name for path in _sources()}
    assert named & set(sys.stdlib_module_names) <= {"__main__"}


def test_docker_is_no_package() -> None:
    """docker/__init__.py would shadow the docker SDK that Prefect imports."""
    assert not (ROOT / "docker" / "__init__.py").exists()


def test_every_direct_dependency_is_pinned_and_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = _project()
    groups = project["dependency-groups"]
    direct = project["project"]["dependencies"] + groups["dev"] + groups["bench"]
    assert len(direct) > 20
    for requirement in direct:
        assert _PIN.match(requirement), f"{requirement} is not pinned"
        line = next(line for line in text.splitlines() if f'"{requirement}"' in line)
        assert len(line.partition("#")[2].split()) >= 2, f"{requirement}: say why it is there"


@pytest.mark.parametrize(
    ("group", "lock"),
    [
        ("project", "requirements.lock"),
        ("dev", "requirements-dev.lock"),
        ("bench", "requirements-bench.lock"),
    ],
)
def test_lock_and_pyproject_agree(group: str, lock: str) -> None:
    project = _project()
    direct = (
        project["project"]["dependencies"]
        if group == "project"
        else project["dependency-groups"][group]
    )
    locked = _pins((ROOT / lock).read_text(encoding="utf-8").splitlines())
    for name, versions in _pins(direct).items():
        assert locked.get(name) == versions, f"{name}: run make lock"


def test_locks_agree_and_bring_no_graphics_libraries() -> None:
    texts = [
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
    ]
    main, *others = (_pins(text.splitlines()) for text in texts)
    for pins in others:
        for name in main.keys() & pins.keys():
            assert pins[name] == main[name]
    assert main["torch"] == ["2.13.0"]
    assert "setuptools" in main  # the editable installation builds without isolation
    for word in ("nvidia", "cuda", "triton", "+cpu", "file://", "://"):
        assert word not in "".join(texts), word


def test_compose_starts_the_same_commands() -> None:
    compose = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"postgres", "prefect", "worker", "api"}
    assert services["worker"]["command"][0] == "schedule"
    assert services["api"]["command"][0] == "serve"
    read = (ROOT / "flows" / "settings.py").read_text(encoding="utf-8")
    # Labels and models are folders: those of the image, or <home>/labels in the volume.
    passed = set(re.findall(r"GROUNDSWELL_[A-Z_]+", read)) - {
        *("GROUNDSWELL_LABELS", "GROUNDSWELL_MODEL"),
    }
    for name in ("worker", "api"):
        environment = services[name]["environment"]
        assert "postgresql://" in environment["GROUNDSWELL_DATABASE_URL"]
        assert environment["PREFECT_API_URL"] == "http://prefect:4200/api"
        served = {f"GROUNDSWELL_{own}" for own in ("HOSTS", "RATE_LIMIT", "LOG")}
        expected = passed | (served if name == "api" else set())
        assert {key for key in environment if key.startswith("GROUNDSWELL_")} == expected
        # Relative to the compose file: drop/ in the checkout, where people can lay files.
        assert "../drop:/data/drop" in services[name]["volumes"]
    dropped = services["worker"]["command"]
    assert dropped[dropped.index("--drop") + 1] == "/data/drop"
    for name, service in services.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to others"
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")
    for package in PACKAGES:
        assert f"COPY {package} {package}\n" in dockerfile
