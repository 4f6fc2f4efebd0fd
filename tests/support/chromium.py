"""Which Chromium the browser tests drive; run as a program it prints the path or ends with 1."""

import os
import shutil
import subprocess
import sys
from functools import cache

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@cache
def find() -> str | None:
    """Return the path of a browser that starts, or None. `CHROMIUM=` goes before everything else."""
    chosen = os.environ.get("CHROMIUM")
    for candidate in [chosen] if chosen else [*PROGRAMS, *MAC_APPLICATIONS]:
        path = shutil.which(candidate)
        if path is not None and _starts(path):
            return path
    return None


def launch_options() -> dict[str, object]:
    """Return what Playwright's `chromium.launch` needs. Call it only where `find` found something."""
    # Chromium refuses its sandbox to root; a container's /dev/shm is often too small for it.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": find(), "args": [*arguments, "--disable-dev-shm-usage"]}


def _starts(path: str) -> bool:
    # Ubuntu ships a program of this name that only says where the real one can be had.
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


if __name__ == "__main__":
    found = find()
    print(found or "no Chromium found")
    sys.exit(found is None)
