"""A reader's whole way, with the log as JSON: every line can be read by a program, and none tells who it was (S10, S29)."""

import json
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from tests.cli.conftest import Place
from tests.doubles.smtp_server import Rule, SmtpServer, reply

PLACE_SECRETS = ("canary-password", "canary-of-the-metrics-token-32-characters")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(client: httpx2.Client, path: str) -> httpx2.Response:
    for _ in range(600):
        try:
            answer = client.get(path)
        except httpx2.TransportError:
            time.sleep(0.2)
            continue
        if answer.status_code == 200:
            return answer
        time.sleep(0.2)
    raise AssertionError(path)


def test_nothing_of_a_reader_and_no_secret_is_in_the_log(tmp_path: Path, port: int) -> None:
    place = Place(tmp_path)
    place.good("init", "--list", "weekly", "--from", "The Weekly <news@example.org>", "--yes")
    refusing = Rule(reply("550 5.1.1 <bob.builder@example.org> unknown"), verb="RCPT", recipient="^bob")
    with SmtpServer(refusing, tls=True, users={"digest": PLACE_SECRETS[0]}) as server:
        ca = Path(__file__).parents[1] / "data/tls/ca.pem"
        place.environment |= {
            "DIGEST_LOG_FORMAT": "json",
            "DIGEST_METRICS_TOKEN": PLACE_SECRETS[1],
            "DIGEST_SMTP_URL": f"smtp://digest:{PLACE_SECRETS[0]}@localhost:{server.port}?tls=starttls&ca_file={ca}",
        }
        with (
            subprocess.Popen(
                place.command("run", "--port", str(port)),
                cwd=place.path,
                env=place.env(),
                stderr=subprocess.PIPE,
                text=True,
            ) as process,
            httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client,
        ):
            tokens = walk(client, server)
            process.send_signal(signal.SIGTERM)
            log = process.communicate(timeout=120)[1]
    lines = [json.loads(line) for line in log.splitlines()]
    asked = [line for line in lines if line.get("page") == "/c/{token}" and line["method"] == "POST"]
    assert [line["status"] for line in asked] == [200]
    assert re.fullmatch("[0-9a-f]{16}", asked[0]["request"])
    assert {line["action"] for line in lines if "action" in line} >= {"start", "request"}
    for hidden in ("ann.archer", "bob.builder", *PLACE_SECRETS, *tokens):
        assert hidden not in log, hidden


def walk(client: httpx2.Client, server: SmtpServer) -> list[str]:
    """Sign up twice, confirm once, look about; returns the tokens that were in use."""
    wait_for(client, "/readyz")
    for name in ("ann.archer", "bob.builder"):
        body = {"email": f"{name}@example.org", "lists": ["weekly"]}
        assert client.post("/api/subscribe", json=body).status_code == 202
    for _ in range(600):
        if server.messages:
            break
        time.sleep(0.2)
    (token,) = set(re.findall(r"/c/([\w-]{20,})", server.messages[0].content.decode().replace("=\r\n", "")))
    answer = client.post(f"/c/{token}")
    assert answer.headers["X-Request-Id"]
    found = re.findall(r"/[a-z]+/([\w-]{22,})", answer.text)
    client.get(f"/u/{token}x")
    client.get("/metrics", headers={"Authorization": f"Bearer {PLACE_SECRETS[1]}"}).raise_for_status()
    return [token, *found]
