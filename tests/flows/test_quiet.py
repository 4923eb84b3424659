from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from pathlib import Path
from flows.quiet import quiet_environment
quiet_environment(Path(sys.argv[1]))
from prefect.settings import get_current_settings
settings = get_current_settings()
print(settings.server.analytics_enabled, settings.logging.to_api.enabled, settings.home)
from huggingface_hub import constants
print(constants.HF_HUB_OFFLINE, constants.HF_HUB_DISABLE_TELEMETRY)
"""


def _python(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFECT_", "HF_", "DO_NOT"))
    }
    command = [sys.executable, "-c", script, str(home)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_dependencies_are_told_to_stay_quiet_and_offline(tmp_path: Path) -> None:
    done = _python(SCRIPT, tmp_path)
    assert done.stdout.splitlines() == [f"False False {tmp_path / 'prefect'}", "True True"]


def test_telling_them_too_late_is_refused(tmp_path: Path) -> None:
    done = _python(f"import huggingface_hub\n{SCRIPT}", tmp_path)
    assert done.returncode == 1
    assert "imported before" in done.stderr


def test_threads_that_wait_do_not_spin_unless_one_says_so(tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from flows.quiet import quiet_environment\n{}"
        "quiet_environment(Path(sys.argv[1]))\nprint(os.environ['OMP_WAIT_POLICY'])"
    )
    mine = "os.environ['OMP_WAIT_POLICY'] = {!r}\n"
    none = "os.environ.pop('OMP_WAIT_POLICY', None)\n"
    assert _python(script.format(none), tmp_path).stdout == "PASSIVE\n"
    assert _python(script.format(mine.format("ACTIVE")), tmp_path).stdout == "ACTIVE\n"


def test_events_that_are_still_on_their_way_are_no_news(tmp_path: Path) -> None:
    script = (
        "import logging, pathlib, sys\n"
        "from flows.quiet import quiet_environment\n"
        "quiet_environment(pathlib.Path(sys.argv[1]))\n"
        "import prefect\n"
        "logging.getLogger('EventsWorker').warning('Still processing items')\n"
        "logging.getLogger('EventsWorker').error('lost')\n"
    )
    run = _python(script, tmp_path)
    assert "Still processing" not in run.stderr
    assert "lost" in run.stderr
