import pytest

from tests.doubles.smtp_server import SmtpServer


@pytest.fixture
def _pipelining(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SmtpServer, "pipelining", request.param)


#: For a module: everything in it holds with a server that announces PIPELINING, and with one that does not.
both_ways = [
    pytest.mark.usefixtures("_pipelining"),
    pytest.mark.parametrize("_pipelining", [False, True], indirect=True, ids=["plain", "pipelined"]),
]
