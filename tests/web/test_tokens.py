"""Every route that takes a token, found in the router: no other token opens it, and no forwarded mail reads data (S7 to S10)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from digest.model.subscriber import SubscriptionState
from tests.web.conftest import Site
from tests.web.test_fence import routes
from tests.web.test_reader import ANN, confirmed, preferences_link, unsubscribe_link

BOB = "bob@example.org"
#: A form that does the most that any page can do, whatever page it is sent to.
GREEDY = {"do": "leave-all", "sure": "yes", "by": "page", "less": "pause", "reason": "other", "email": BOB}


@dataclass
class Tokens:
    """One that works, for each kind of route: by the first part of its path."""

    of: dict[str, str]

    @classmethod
    def make(cls, site: Site, number: int) -> "Tokens":
        app, list_id = site.world.app, site.world.mailing_list.id
        site.client.post(preferences_link(site, number), data={"do": "address", "email": "new@other.example"})
        site.client.post(preferences_link(site, number), data={"do": "data"})
        links = {
            "u": app.links.unsubscribe(number, list_id),
            "p": app.links.preferences(number, list_id),
            "v": app.links.view(_published(site)),
            "a": app.links.article(1),
            "f": app.links.feed(number, list_id),
        }
        found = {kind: link.rpartition("/")[2] for kind, link in links.items()}
        return cls(
            {
                **found,
                "c": site.token(),
                "me": site.fresh_token("your-data"),
                "address": site.fresh_token("allow-address"),
            }
        )


@pytest.fixture
def tokens(site: Site) -> Tokens:
    return Tokens.make(site, confirmed(site))


def with_token(site: Site) -> Iterator[str]:
    yield from sorted({route.path for route in routes(site) if "{token}" in route.path})


def kind_of(path: str) -> str:
    return path.split("/")[1]


def test_every_route_with_a_token_is_known_here(site: Site, tokens: Tokens) -> None:
    assert {kind_of(path) for path in with_token(site)} <= set(tokens.of)
    for path in set(with_token(site)):
        assert site.client.get(path.format(token=tokens.of[kind_of(path)])).status_code == 200, path


def changed(token: str) -> list[str]:
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    return [
        token[:-1],
        token[1:],
        f"{token}A",
        token[:middle] + other + token[middle + 1 :],
        token.swapcase(),
        token * 9,
    ]


def test_a_token_of_another_purpose_or_a_changed_one_opens_nothing(site: Site, tokens: Tokens) -> None:
    before = site.dump()
    for path in set(with_token(site)):
        kind = kind_of(path)
        others = [token for other, token in tokens.of.items() if other != kind]
        for token in [*others, *changed(tokens.of[kind]), "x", "%00", "é", "A" * 3000]:
            address = path.format(token=token)
            for response in (site.client.get(address), site.client.post(address, data=GREEDY)):
                assert 400 <= response.status_code < 500, address
                assert ANN not in response.text
                assert "a…@" not in response.text
    assert site.dump() == before


def test_no_token_of_one_reader_does_anything_to_another(site: Site, tokens: Tokens) -> None:
    number = confirmed(site, BOB)
    mine = Tokens.make(site, number)
    for path in sorted(set(with_token(site)), key=lambda each: each.startswith("/me")):  # erasing comes last
        response = site.client.post(path.format(token=mine.of[kind_of(path)]), data=GREEDY)
        assert ANN not in response.text, path
    assert site.state(ANN) is SubscriptionState.CONFIRMED
    assert site.state(BOB) is None
    assert all(token not in mine.of.values() for kind, token in tokens.of.items() if kind not in "va")


def test_who_finds_a_forwarded_mail_reads_no_data_and_erases_none(site: Site) -> None:
    """With the links that stand in every issue, and every form of theirs filled in; the mailbox is somebody else's."""
    site.add_list("secret", "The Secret")
    number = confirmed(site)
    site.world.clock.forward(hours=25)
    site.client.post("/subscribe", data={"email": ANN, "stamp": site.stamp("/"), "list": ["secret"]})
    site.client.post(f"/c/{site.token()}")
    links = [unsubscribe_link(site, number), preferences_link(site, number)]
    seen = [site.client.get(link).text for link in links]
    for do in ("save", "join", "address", "data", "leave"):
        form = {"do": do, "email": BOB, "list": ["secret"], "pause": "2", "topics": "all"}
        seen.append(site.client.post(links[1], data=form).text)
    seen += [site.client.post(f"{links[0]}/{part}", data=GREEDY).text for part in ("less", "why")]
    together = "\n".join(seen)
    for said in (ANN, "Known since", "Agreed", site.world.app.keys.network_hash("testclient") or "nethash"):
        assert said not in together, said
    assert "/me/" not in together
    assert "/address/" not in together
    with site.world.app.store.read() as tx:
        reader = tx.subscribers.get(number)
    assert reader is not None
    assert str(reader.address) == ANN
    to = {address for mail, address in _mailed(site) if mail in {"your-data", "allow-address", "confirm-address"}}
    assert to == {ANN}


def test_a_finder_cannot_take_over_the_subscription(site: Site) -> None:
    """They type their own address; the mail that could allow it goes to the reader."""
    number = confirmed(site)
    site.client.post(preferences_link(site, number), data={"do": "address", "email": "finder@evil.example"})
    assert [address for mail, address in _mailed(site) if mail.endswith("-address")] == [ANN]
    assert "finder@evil.example" not in {address for _, address in _mailed(site)}


def test_tokens_are_in_no_answer_that_did_not_have_them(site: Site, tokens: Tokens) -> None:
    for path in ("/", "/lists/weekly", f"/u/{tokens.of['u']}", f"/p/{tokens.of['p']}"):
        page = site.client.get(path)
        others = {token for kind, token in tokens.of.items() if kind != kind_of(path)}
        assert not [token for token in others if token in page.text + json.dumps(dict(page.headers))], path
        assert page.headers["referrer-policy"] == "no-referrer"


def test_no_token_reaches_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        tokens = Tokens.make(site, confirmed(site))
        for path in set(with_token(site)):
            site.client.get(path.format(token=tokens.of[kind_of(path)]))
            site.client.post(path.format(token=tokens.of[kind_of(path)]), data=GREEDY)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("digest", "uvicorn")))
    assert "page=/me/{token}" in ours
    assert not [kind for kind, token in tokens.of.items() if token in ours]


def _published(site: Site) -> int:
    """The number of an issue's edition; one is made when there is none."""
    with site.world.app.store.read() as tx:
        issues = tx.issues.all()
    if not issues:
        site.world.add_articles(2)
        issues = [site.world.draft()]
        site.world.publish(issues[0])
    edition = site.world.edition(issues[0])
    assert edition is not None
    return edition.id


def _mailed(site: Site) -> list[tuple[str, str]]:
    with site.world.app.store.read() as tx:
        query = "SELECT purpose, address FROM messages WHERE campaign_id IS NULL"
        return [(mail, address) for mail, address in tx._connection.exec_driver_sql(query)]
