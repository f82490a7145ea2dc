"""`/healthz`, `/readyz` and `/metrics` over plain HTTP, for probes and Prometheus."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.desk.errors import SetupFault
from bot.service.health import Health
from bot.service.measures import CONTENT_TYPE, Measures

_JSON = "application/json"
_Answer = tuple[int, str, bytes]


class StatusServer:
    """Listens from its making on; `address` says where."""

    def __init__(
        self,
        health: Health,
        measures: Measures,
        port: int,
        host: str = "0.0.0.0",  # noqa: S104 - probes come from elsewhere
    ) -> None:
        measures.show_also(health.gauges)
        pages: dict[str, Callable[[], _Answer]] = {
            "/healthz": lambda: _told(health.liveness()),
            "/readyz": lambda: _told(health.readiness()),
            "/metrics": lambda: (200, CONTENT_TYPE, measures.exposition()),
        }

        class Page(BaseHTTPRequestHandler):
            timeout = 10
            """Seconds for a request: a peer that sends nothing holds no thread for longer."""

            def do_GET(self) -> None:
                page = pages.get(self.path.partition("?")[0])
                status, kind, body = page() if page else (404, "text/plain", b"not found\n")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Probes come every few seconds: nothing to tell."""

        try:
            self._server = ThreadingHTTPServer((host, port), Page)
        except OSError as error:
            raise SetupFault(
                f"SUPPORTBOT_METRICS_PORT {port} cannot be listened on ({error.strerror}): stop"
                " what uses it or choose another"
            ) from error
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="status", daemon=True
        )

    @property
    def address(self) -> str:
        return f"http://{self._server.server_address[0]!s}:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def _told(found: tuple[bool, dict[str, object]]) -> _Answer:
    well, told = found
    return 200 if well else 503, _JSON, (json.dumps(told) + "\n").encode()
