"""Another system: an HTTP server that hears webhooks, on this machine."""

import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Heard:
    path: str
    headers: dict
    body: bytes


class Receiver:
    """Answers with `answers` one after another, the last one for ever after.

    Each is a status, or a function that is given the handler and answers itself.
    """

    def __init__(self, *answers):
        self.answers = list(answers) or [200]
        self.heard = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def __enter__(self):
        Thread(target=self.server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    def _handler(self):
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                receiver.heard.append(Heard(self.path, self.headers, body))
                more = len(receiver.answers) > 1
                answer = receiver.answers.pop(0) if more else receiver.answers[0]
                if callable(answer):
                    answer(self)
                else:
                    reply(self, answer)

            def log_message(self, *args):
                """Says nothing."""

        return Handler


def reply(handler, status, body=b"thanks", **headers):
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def redirect_to(url):
    return lambda handler: reply(handler, 307, Location=url)


def drip(handler):
    """A byte now and then, for ever, so that no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b".")
            time.sleep(0.1)
    except OSError:
        return
