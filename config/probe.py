"""Is the process of this container well? `python -m config.probe web`, by its status.

Asked every few seconds, so that nothing is loaded that the answer does not need.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

SECONDS = 5
BEAT_SILENT_SECONDS = 600  # it writes its schedule down every three minutes


def web():
    """It answers under its own name; others are refused."""
    port = int(os.environ.get("PORT") or 8000)
    name = urlsplit(os.environ.get("FRONTEND_HOST") or "http://localhost").hostname
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    connection.request("GET", "/health", headers={"Host": name})
    return connection.getresponse().status == http.HTTPStatus.OK


def worker(name="worker"):
    """It answers by way of the broker."""
    whom = f"{name}@{socket.gethostname()}"
    ask = [*("-m", "celery", "--quiet", "-A", "config", "inspect", "ping")]
    ask += ["--destination", whom, "--timeout", str(SECONDS)]
    answer = subprocess.run(  # noqa: S603
        [sys.executable, *ask], stdout=subprocess.DEVNULL, check=False
    )
    return answer.returncode == 0


def webhooks():
    return worker("webhooks")


def beat():
    """It has written its schedule down lately."""
    directory = Path(os.environ.get("DATA_DIR") or ".data")
    written = [path.stat().st_mtime for path in directory.glob("celerybeat-schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_SILENT_SECONDS


def main():
    probes = {"web": web, "worker": worker, "webhooks": webhooks, "beat": beat}
    if len(sys.argv) != 2 or sys.argv[1] not in probes:
        sys.exit(f"probe: Say one of {', '.join(probes)}.")
    try:
        is_well = probes[sys.argv[1]]()
    except OSError as error:
        sys.exit(f"probe: {error}")
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
