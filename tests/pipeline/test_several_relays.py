"""Several relays at once: each gets its share, the others take the share of one that fails, and nobody is lost or gets it twice."""

from collections.abc import Sequence
from threading import Event

import pytest

from digest.model.errors import TryLater
from digest.model.issue import OnCrash
from digest.model.message import MessageState
from tests.doubles.smtp_server import Action, Rule, SmtpServer, Turn, reply
from tests.pipeline.test_deliver import addresses, send
from tests.pipeline.test_faults import Once
from tests.pipeline.world import World, with_relays

READERS = 40


def ready(world: World, *relays: dict[str, object], readers: int = READERS, **settings: object) -> World:
    world.subscribe(readers)
    world.add_articles(2)
    return with_relays(world, *relays, **settings)


def relay(name: str, server: SmtpServer, **settings: object) -> dict[str, object]:
    return {"name": name, "url": f"smtp://127.0.0.1:{server.port}?tls=none"} | settings


def refusing(name: str, server: SmtpServer) -> dict[str, object]:
    """One that does not know our password."""
    return {
        "name": name,
        "url": f"smtp://digest:wrong@localhost:{server.port}?tls=starttls&ca_file=tests/data/tls/ca.pem",
    }


def taken(servers: Sequence[SmtpServer]) -> list[str]:
    return sorted(message.recipient for server in servers for message in server.messages)


def test_each_relay_gets_about_its_weight(sqlite_world: World) -> None:
    with SmtpServer() as big, SmtpServer() as small:
        world = ready(sqlite_world, relay("big", big, weight=3), relay("small", small), readers=200, connections=4)
        campaign = world.publish()
        send(world)
    assert taken([big, small]) == addresses(200)
    assert world.account(campaign).of(MessageState.ACCEPTED) == 200
    assert (len(big.sessions), len(small.sessions)) == (3, 1)
    assert len(small.messages) < len(big.messages) < 190


def test_the_report_says_which_relay_took_it(sqlite_world: World) -> None:
    with SmtpServer() as one, SmtpServer() as two:
        world = ready(sqlite_world, relay("one", one), relay("two", two))
        campaign = world.publish()
        send(world)
    with world.app.store.read() as tx:
        told = {each.address: each.relay for each in tx.messages.recipients(campaign.id)}
    for name, server in (("one", one), ("two", two)):
        assert {address for address, by in told.items() if by == name} == {each.recipient for each in server.messages}


@pytest.mark.parametrize(
    "rule",
    [
        None,  # nobody listens there
        Rule(reply("421 4.3.2 not now"), verb="CONNECT"),
        Rule(reply("554 5.7.1 not from your network"), verb="CONNECT"),
        Rule(reply("421 4.3.2 not now"), verb="EHLO"),
        Rule(reply("421 4.3.2 not now"), verb="MAIL"),
    ],
    ids=["nobody", "421 at connect", "554 at connect", "421 at ehlo", "421 at mail"],
)
def test_a_relay_that_is_down_leaves_its_share_to_the_others(sqlite_world: World, rule: Rule | None) -> None:
    with SmtpServer(*[rule] if rule else []) as down, SmtpServer() as up:
        if rule is None:
            down.__exit__(None, None, None)
        sending = ready(sqlite_world, relay("down", down, weight=9), relay("up", up), on_crash=OnCrash.HOLD)
        campaign = sending.publish()
        send(sending)
    assert taken([down, up]) == taken([up]) == addresses(READERS)
    assert sending.account(campaign).of(MessageState.ACCEPTED) == READERS


def test_a_relay_that_refuses_our_password_is_asked_once_and_the_others_go_on(world: World) -> None:
    with SmtpServer(tls=True, users={"digest": "right"}) as strict, SmtpServer() as up:
        sending = ready(world, refusing("strict", strict), relay("up", up))
        sending.publish()
        report = send(sending)
    assert taken([up]) == addresses(READERS)
    assert set(report.troubled) == {"strict"}  # an operator must hear of it though everybody got the issue
    assert "refused the user or the password" in report.troubled["strict"]
    assert sum(len(session.logins) for session in strict.sessions) == 1


class Dying:
    """A relay that goes away with its n-th dot, before or after it takes that message, and may come back."""

    def __init__(self, at: int, *, record: bool) -> None:
        self.gone = Event()
        self._record = record
        self.rules = (Rule(Once(self.gone.set, at=at, then=self.act), verb="."), Rule(self.act))

    def act(self, turn: Turn) -> None:
        if self.gone.is_set():
            turn.hang_up(record=self._record and turn.verb == ".")
        turn.usual()


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize("policy", list(OnCrash))
def test_a_relay_that_dies_in_mid_run_loses_nobody(sqlite_world: World, policy: OnCrash, *, record: bool) -> None:
    """What was on its way there when it died nobody can know; all else the other takes at once."""
    dying = Dying(8, record=record)
    with SmtpServer(*dying.rules) as one, SmtpServer() as two:
        world = ready(sqlite_world, relay("one", one), relay("two", two), on_crash=policy)
        campaign = world.publish()
        send(world)
        world.clock.forward(minutes=2)
        send(world)
    account = world.account(campaign)
    unknown = account.of(MessageState.UNCERTAIN)
    assert account.balanced
    assert account.of(MessageState.ACCEPTED) + unknown == READERS
    assert unknown <= (2 if policy is OnCrash.HOLD else 0)  # one a connection
    copies = len(taken([one, two])) - len(set(taken([one, two])))
    assert copies <= (2 if policy is OnCrash.RESEND and record else 0)
    assert len(set(taken([one, two]))) >= READERS - unknown


def test_a_relay_that_comes_back_is_used_again(sqlite_world: World) -> None:
    """It rests for a second after it hung up; the other waits until it is asked again."""
    back = Event()

    def closed_at_first(turn: Turn) -> None:
        if back.is_set() or turn.session.number > 1:
            back.set()
            turn.usual()
        else:
            turn.answer("421 4.3.2 not now")
            turn.hang_up()

    def waits(turn: Turn) -> None:
        back.wait(20)
        turn.usual()

    with SmtpServer(Rule(closed_at_first, verb="CONNECT")) as one, SmtpServer(Rule(waits, verb=".")) as two:
        world = ready(sqlite_world, relay("one", one), relay("two", two))
        world.publish()
        send(world)
    assert back.is_set()
    assert one.messages
    assert taken([one, two]) == addresses(READERS)


@pytest.mark.parametrize("action", [None, reply("421 4.3.2 not now")])
def test_when_all_are_down_everything_is_put_back(sqlite_world: World, action: Action | None) -> None:
    rules = [Rule(action, verb="CONNECT")] if action else []
    with SmtpServer(*rules) as one, SmtpServer(*rules) as two:
        if not action:
            one.__exit__(None, None, None)
            two.__exit__(None, None, None)
        sending = ready(sqlite_world, relay("one", one), relay("two", two), readers=6)
        campaign = sending.publish()
        with pytest.raises(TryLater):
            send(sending)
    account = sending.account(campaign)
    assert account.counts == {MessageState.QUEUED: 6}
    with sending.app.store.read() as tx:
        assert {each.attempts for each in tx.messages.recipients(campaign.id)} == {0}
