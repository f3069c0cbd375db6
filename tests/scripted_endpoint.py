"""An OpenAI-compatible endpoint that does what a test tells it to, well or badly.

Its good answers are a function of the request (program and seed), so that runs against it can be compared. It notes every
request, and how many it had open at a time.
"""
import hashlib
import json
import re
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def edit_of(program, seed):
    """A search/replace block that changes one number of a line that the program has once."""
    lines = program.split("\n")
    places = [line for line in lines if lines.count(line) == 1 and re.search(r"\d", line) and "def " not in line]
    if not places:
        return f"```python\n{program}\n# {seed}\n```"
    line = places[seed % len(places)]
    numbers = list(re.finditer(r"\d+(\.\d+)?", line))
    number = numbers[(seed >> 8) % len(numbers)]
    changed = line[:number.start()] + str((seed >> 16) % 12) + line[number.end():]
    return f"Changed a number.\n\n<<<<<<< SEARCH\n{line}\n=======\n{changed}\n>>>>>>> REPLACE\n"


def answer_of(body):
    """The text of a good answer."""
    text = body["messages"][-1]["content"] if body["messages"][-1]["role"] == "user" else ""
    first = next(message["content"] for message in body["messages"] if message["role"] == "user")
    program = re.search(r"```python\n(.*?)\n```", first or text, re.S)
    return edit_of(program.group(1) if program else "", body["seed"])


def completion(text, model="scripted", finish="stop"):
    return {"id": "x", "object": "chat.completion", "model": model,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}


class Endpoint:
    """mode: "ok", or one of the methods do_<mode> below. May be changed at any time."""

    def __init__(self, port=0, certificate=None):
        self.mode = "ok"
        self.delay = 0.0
        self.lock = threading.Lock()
        self.bodies = []  # of all requests, in order of arrival
        self.answered = []  # those that got a good answer
        self.keys = set()
        self.open = self.most_open = 0
        self.limit = None  # good answers left before requests stall; None: no limit
        self.wait_for = 0  # answers wait until so many requests are open
        self.enough_open = threading.Event()
        self.connections = set()
        self.port = port
        self.certificate = certificate  # files with certificate and key: then it speaks https
        self.server = None
        self.start()

    @property
    def url(self):
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}/v1"

    def start(self):
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                endpoint.handle(self)

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 512
            allow_reuse_address = True

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server_thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.server_thread.start()

    def stop(self):
        """From now on connections are refused, and those that are open are cut."""
        self.server.shutdown()
        self.server.server_close()
        self.server_thread.join()
        with self.lock:
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.connections.clear()

    def handle(self, http):
        raw = http.rfile.read(int(http.headers["Content-Length"]))
        body = json.loads(raw)
        with self.lock:
            self.connections.add(http.connection)
            self.open += 1
            if self.open >= self.wait_for:
                self.enough_open.set()
            self.most_open = max(self.most_open, self.open)
            self.bodies.append(raw)
            self.keys.add(http.headers.get("Authorization"))
        try:
            getattr(self, "do_" + self.mode)(http, body, raw)
        except OSError:
            http.close_connection = True
        finally:
            with self.lock:
                self.open -= 1

    def send(self, http, status, payload, headers=()):
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        http.send_response(status)
        http.send_header("Content-Type", "application/json")
        http.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            http.send_header(name, value)
        http.end_headers()
        http.wfile.write(data)

    def note_answer(self, raw):
        with self.lock:
            if self.limit is not None:
                if self.limit == 0:
                    return False
                self.limit -= 1
            self.answered.append(hashlib.sha256(raw).hexdigest())
        return True

    def do_ok(self, http, body, raw):
        if self.wait_for:
            self.enough_open.wait(60)
        if self.delay:
            time.sleep(self.delay)
        if not self.note_answer(raw):
            return self.do_stall(http, body, raw)
        if body.get("stream"):
            return self.stream(http, answer_of(body))
        self.send(http, 200, completion(answer_of(body), body["model"]))

    def stream(self, http, text, until=None):
        http.send_response(200)
        http.send_header("Content-Type", "text/event-stream")
        http.send_header("Connection", "close")
        http.end_headers()
        http.close_connection = True
        pieces = [text[i:i + 7] for i in range(0, len(text), 7)]
        for piece in pieces[:until]:
            event = {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}], "model": "scripted"}
            http.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        if until is None:
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                   "usage": {"prompt_tokens": 100, "completion_tokens": 20}}
            http.wfile.write(f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode())

    # Ways to fail.

    def do_stall(self, http, body, raw):
        mode, limit = self.mode, self.limit
        while self.mode == mode and self.limit == limit:
            time.sleep(0.02)
        http.close_connection = True
        http.connection.shutdown(socket.SHUT_RDWR)

    def do_cut(self, http, body, raw):
        http.close_connection = True
        if body.get("stream"):
            return self.stream(http, answer_of(body), until=2)
        data = json.dumps(completion(answer_of(body))).encode()
        http.send_response(200)
        http.send_header("Content-Length", str(len(data)))
        http.end_headers()
        http.wfile.write(data[:len(data) // 2])

    def do_storm(self, http, body, raw):
        self.send(http, 429, {"error": {"message": "Too many requests"}}, [("Retry-After", "0.1")])

    def do_busy(self, http, body, raw):
        self.send(http, 503, b"<html>try later</html>")

    def do_bad_json(self, http, body, raw):
        self.send(http, 200, b'{"choices": [{"message": {"content": "half')

    def do_bad_utf8(self, http, body, raw):
        self.send(http, 200, json.dumps(completion("x")).encode().replace(b'"x"', b'"\xff\xfe\xc0"'))

    def do_garbage(self, http, body, raw):
        http.close_connection = True
        http.wfile.write(b"\x00\x01 this is not HTTP \xff\r\n\r\n")

    def do_prose(self, http, body, raw):
        self.note_answer(raw)
        self.send(http, 200, completion("I am sorry, but I cannot say what would make this robot any faster."))

    def do_outside(self, http, body, raw):
        self.rewrite(http, body, raw, lambda program: "import os\n" + program)

    def do_same(self, http, body, raw):
        self.rewrite(http, body, raw, lambda program: program)

    def rewrite(self, http, body, raw, first):
        """The first attempt as told, the second one within the EVOLVE-BLOCK."""
        self.note_answer(raw)
        user = next(message["content"] for message in body["messages"] if message["role"] == "user")
        program = re.search(r"```python\n(.*?)\n```", user, re.S).group(1)
        inside = program.replace("# EVOLVE-BLOCK-END", f"# {body['seed']}\n# EVOLVE-BLOCK-END")
        text = first(program) if len(body["messages"]) <= 2 else inside
        self.send(http, 200, completion(f"```python\n{text}\n```"))

    def do_no_content(self, http, body, raw):
        self.note_answer(raw)
        self.send(http, 200, completion(None, finish="length"))

    def do_other_model(self, http, body, raw):
        self.note_answer(raw)
        self.send(http, 200, completion(answer_of(body), model="cheaper-model"))

    def do_wrong_model(self, http, body, raw):
        self.send(http, 404, {"error": {"message": f"The model `{body['model']}` does not exist",
                                        "code": "model_not_found"}})

    def do_wrong_key(self, http, body, raw):
        self.send(http, 401, {"error": {"message": f"Incorrect API key: {http.headers.get('Authorization')}"}})

    def do_echo_key(self, http, body, raw):
        """Hands the key back in the text of the answer."""
        self.note_answer(raw)
        text = f"# {http.headers.get('Authorization')}\n" + answer_of(body)
        program = re.search(r"```python\n(.*?)\n```", body["messages"][-1]["content"], re.S)
        if program:
            text = f"```python\n{program.group(1)}\n# {http.headers.get('Authorization')} {body['seed']}\n```"
        self.send(http, 200, completion(text, model=http.headers.get("Authorization")))

    def do_at_times_too_long(self, http, body, raw):
        (self.do_too_long if body["seed"] % 3 == 0 else self.do_ok)(http, body, raw)

    def do_too_long(self, http, body, raw):
        self.send(http, 400, {"error": {"message": "too many tokens", "code": "context_length_exceeded"}})
