"""Readers at the door: so many sign-ups or one-click POSTs, over connections that stay open, each waited for."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection

import altcha

from bench.errand import Job, Stretch, Work, serve, waited
from bench.world import KEYS, LINKS, NOW
from digest.web.puzzle import ALGORITHM, ROUNDS

LIST = "weekly"
BUSY, PAUSE, PATIENCE = 503, 0.5, 60.0  # a status, and seconds
Request = tuple[str, dict[str, str], bytes]


def prepare(job: Job) -> Work:
    """`kind`: "sign-up" or "one-click"; `first`: the number of the first reader."""
    numbers = range(job["first"], job["first"] + job["count"])
    requests = [_sign_up(number) if job["kind"] == "sign-up" else _one_click(number) for number in numbers]
    _send(job["port"], [_sign_up(0), _one_click(0)])  # what is loaded only once

    def work() -> Stretch:
        began = time.perf_counter()
        with ThreadPoolExecutor(job["connections"]) as pool:
            shares = [requests[at :: job["connections"]] for at in range(job["connections"])]
            took = [seconds for share in pool.map(lambda share: _send(job["port"], share), shares) for seconds in share]
        return waited(began, took)

    return work


def _send(port: int, requests: Sequence[Request]) -> list[float]:
    """Seconds of each until it was answered 2xx: who hears "busy" (503) tries again, as a mail program does."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    took = []
    for path, headers, body in requests:
        began = time.perf_counter()
        status = _post(connection, path, headers, body)
        while status == BUSY and time.perf_counter() - began < PATIENCE:
            time.sleep(PAUSE)
            status = _post(connection, path, headers, body)
        if 200 <= status < 300:
            took.append(time.perf_counter() - began)
    connection.close()
    return took


def _post(connection: HTTPConnection, path: str, headers: dict[str, str], body: bytes) -> int:
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _sign_up(number: int) -> Request:
    body = {"email": f"{'door' if number else 'first'}{number}@example.org", "lists": [LIST], "altcha": _solved()}
    return "/api/subscribe", {"Content-Type": "application/json"}, json.dumps(body).encode()


def _solved() -> str:
    """Of a puzzle that any number solves: as dear to check as ours, and quick to make."""
    made = round((NOW - timedelta(seconds=10)).timestamp() * 1000)
    data = {"form": LIST, "made": made}
    puzzle = altcha.create_challenge(ALGORITHM, ROUNDS, key_prefix="", data=data, hmac_secret=KEYS.tag("puzzle", b""))
    solution = altcha.solve_challenge(puzzle)
    assert solution is not None
    return altcha.Payload(puzzle, solution).to_base64()


def _one_click(number: int) -> Request:
    path = LINKS.unsubscribe(number, 1).removeprefix(LINKS.base_url)
    return path, {"Content-Type": "application/x-www-form-urlencoded"}, b"List-Unsubscribe=One-Click"


if __name__ == "__main__":
    serve(prepare)
