"""Whether the web server set up by a file of settings answers: asked until it does, a minute at most."""

import os
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATIENCE = float(os.environ.get("TONGXIN_PATIENCE", "60"))  # seconds


def main(settings: Path, port: str) -> bool:
    """True once /healthz says that the process reaches its database."""
    given = dict(line.split("=", 1) for line in settings.read_text().splitlines() if "=" in line and line[0] != "#")
    host = given.get("HOST", "").strip("\"' ") or "127.0.0.1"
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    address = f"http://{host}:{given.get('PORT', '').strip() or port}/healthz"
    ask = build_opener(ProxyHandler({})).open  # whatever proxy is set, this is the same machine
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            ask(address, timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.3)
        else:
            return True
    print(f"{address} 没有正常应答。")
    return False


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1]), sys.argv[2]))
