"""The stage's own process: ``python -m oaktree_cfn.local STATE_FILE [PORT]``.

Binds to 127.0.0.1, writes its address to STATE_FILE once it answers, and ends on SIGTERM or SIGINT, taking the file away.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from oaktree_cfn.files import write_whole
from oaktree_cfn.local.server import serve
from oaktree_cfn.local.services import HOST, ask_once
from oaktree_cfn.memory import collect_rarely


def main(state_file: Path, port: int) -> None:
    """Serve until told to end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    collect_rarely()
    ask_once()
    server = serve(port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    write_whole(state_file, json.dumps({"pid": os.getpid(), "endpoint": f"http://{HOST}:{server.server_port}"}))
    try:
        server.serve_forever(poll_interval=0.1)
    finally:
        state_file.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    os._exit(0)  # nothing is to be saved, and taking all of moto down object by object takes seconds
