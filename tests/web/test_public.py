import json

import pytest

from digest.model.address import Address
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.web.forms import HONEYPOT
from tests.web.conftest import Site, open_site

ANN = "ann@example.org"


def suppress(site: Site, email: str, reason: SuppressionReason) -> None:
    app = site.world.app
    with app.store.write() as tx:
        tx.suppressions.add(app.keys.address_hash(Address.parse(email)), reason, app.now())


def ask(site: Site, **body: object) -> tuple[int, str]:
    raw = json.dumps(body)  # in ASCII, so that lone surrogates get through
    response = site.client.post("/api/subscribe", content=raw, headers={"Content-Type": "application/json"})
    return response.status_code, response.text


def test_the_page_of_a_list_shows_what_is_signed_up_for(site: Site) -> None:
    response = site.client.get("/lists/weekly")
    assert response.status_code == 200
    assert "Get email updates from" in response.text
    assert "The Weekly" in response.text
    assert "Sign up for our weekly newsletter" in response.text
    assert "every Monday" in response.text


def test_an_unknown_list_is_no_page(site: Site) -> None:
    for response in (site.client.get("/lists/nope"), site.client.post("/lists/nope", data={"email": ANN})):
        assert response.status_code == 404
        assert "no list named &#39;nope&#39;" in response.text


def test_a_form_makes_a_pending_subscription_with_its_consent(each_site: Site) -> None:
    assert "Check your inbox" in each_site.sign_up(ANN, name="Ann")
    assert each_site.state(ANN) is SubscriptionState.PENDING
    assert each_site.mails() == ["confirm-subscription"]
    with each_site.world.app.store.read() as tx:
        (reader,) = tx.subscribers.readers()
    consent = reader.subscription.consent
    assert (consent.source, consent.text) == ("form", "Sign up for our weekly newsletter")
    assert reader.subscriber.name == "Ann"


def test_the_front_page_of_one_list_is_its_form(site: Site) -> None:
    values = {"email": ANN, "stamp": site.stamp("/"), "list": "weekly"}
    assert site.client.post("/subscribe", data=values).status_code == 200
    assert site.state(ANN) is SubscriptionState.PENDING


def test_several_lists_are_chosen_on_the_front_page_and_asked_for_by_one_mail(site: Site) -> None:
    site.add_list("evening", "The Evening")
    page = site.client.get("/").text
    assert page.count('type="checkbox"') == 2
    values = {"email": ANN, "stamp": site.stamp("/"), "list": ["weekly", "evening"]}
    assert site.client.post("/subscribe", data=values).status_code == 200
    assert site.mails() == ["confirm-subscription"]
    nothing = site.client.post("/subscribe", data={"email": ANN, "stamp": site.stamp("/")})
    assert nothing.status_code == 422
    assert "No list was chosen" in nothing.text


def test_without_any_list_the_front_page_says_so(site: Site) -> None:
    with site.world.app.store.write() as tx:
        tx._connection.exec_driver_sql("DELETE FROM lists")
    assert "no newsletter here yet" in site.client.get("/").text


def test_the_answer_is_the_same_whatever_is_known_of_the_address(site: Site) -> None:
    site.sign_up("confirmed@example.org")
    site.client.post(f"/c/{site.token()}")
    site.sign_up("paused@example.org")
    for reason in SuppressionReason:
        suppress(site, f"{reason}@example.org", reason)
    addresses = ["new@example.org", "confirmed@example.org", "paused@example.org"]
    addresses += [f"{reason}@example.org" for reason in SuppressionReason]
    assert len({site.sign_up(address) for address in addresses}) == 1
    answers = {ask(site, email=f"x{address}", lists=["weekly"]) for address in addresses}
    answers |= {ask(site, email=address, lists=["weekly"]) for address in addresses}
    assert len(answers) == 1
    assert answers.pop()[0] == 202


def test_whoever_fills_in_the_hidden_field_is_told_the_same_and_not_signed_up(site: Site) -> None:
    assert site.sign_up(ANN, **{HONEYPOT: "http://spam.example"}) == site.sign_up("bob@example.org")
    assert site.state(ANN) is None


@pytest.mark.parametrize("stamp", ["", "x", "1.2", "99999999999.00", "٣.٤", "1764000000.é"])
def test_a_form_that_we_did_not_make_is_shown_once_more(site: Site, stamp: str) -> None:
    response = site.client.post("/lists/weekly", data={"email": ANN, "name": "Ann", "stamp": stamp})
    assert response.status_code == 422
    assert "press the button once more" in response.text
    assert f'value="{ANN}"' in response.text
    assert site.state(ANN) is None


def test_a_form_works_for_a_day_and_for_its_own_page_only(site: Site) -> None:
    site.add_list("evening", "The Evening")
    stamp, other = site.stamp("/lists/weekly"), site.stamp("/lists/evening")
    site.world.clock.forward(hours=23)
    assert site.client.post("/lists/weekly", data={"email": ANN, "stamp": stamp}).status_code == 200
    assert site.client.post("/lists/weekly", data={"email": ANN, "stamp": other}).status_code == 422
    site.world.clock.forward(hours=2)
    assert site.client.post("/lists/weekly", data={"email": ANN, "stamp": stamp}).status_code == 422


def test_a_wrong_address_is_said_above_the_form_which_keeps_what_was_typed(site: Site) -> None:
    answer = site.sign_up("<script>alert(1)</script>", name='"><b>Ann')
    assert "is not an e-mail address" in answer
    assert "<script" not in answer
    assert "<b>" not in answer
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in answer


HOSTILE = [
    "ann@example.org\r\nBcc: eve@example.org",
    "ann@example.org\nSubject: x",
    "ann@example.org%0d%0aBcc: eve@example.org",
    "ann@example.org\x00",
    "ann@example.org\x0bx",
    "ann@example.org\x85Bcc: eve",
    "ann@example.org\u2028Bcc: eve",
    "a@b>\r\nRCPT TO:<x@y",
    "\ud800@example.org",
    "x" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_header_can_be_smuggled_in_by_any_field(site: Site, text: str) -> None:
    status, body = ask(site, email=text, lists=["weekly"])
    assert (status, body.count("\n")) == (422, 0)
    broken = "\ud800" in text  # no text at all: refused before anything looks at it
    assert ask(site, email=ANN, lists=["weekly"], name=text[:500])[0] == (422 if broken else 202)
    assert ask(site, email=ANN, lists=[text])[0] == 404
    with site.world.app.store.read() as tx:
        names = [reader.subscriber.name for reader in tx.subscribers.readers()]
    assert names in ([], [""], ["x" * 100])


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[" * 9000, "read"),
        (b"\xff", "read"),
        (b"[]", "JSON"),
        (b'{"email": 1, "lists": ["weekly"]}', "email"),
        (b'{"email": "ann@example.org"}', "lists"),
        (b'{"email": "ann@example.org", "lists": []}', "lists"),
        (b'{"email": "ann@example.org", "lists": "weekly"}', "lists"),
    ],
)
def test_what_the_api_cannot_read_is_a_problem_in_words(site: Site, raw: bytes, detail: str) -> None:
    response = site.client.post("/api/subscribe", content=raw, headers={"Content-Type": "application/json"})
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert response.status_code in (400, 422)
    assert detail in problem["detail"]


def test_a_network_has_its_share_and_is_told_when_it_is_used_up(site: Site) -> None:
    outsider = open_site(site.world)
    outsider.client = type(outsider.client)(
        outsider.app, client=("198.51.100.7", 1), base_url="https://news.example.org"
    )
    statuses = [ask(outsider, email=f"r{number}@example.org", lists=["weekly"])[0] for number in range(40)]
    assert statuses == [202] * len(statuses)  # 198.51.100.0/24 is for documentation: it is nobody's network
    outsider.client = type(outsider.client)(outsider.app, client=("8.8.4.4", 1), base_url="https://news.example.org")
    statuses = [ask(outsider, email=f"s{number}@example.org", lists=["weekly"])[0] for number in range(40)]
    assert statuses == [202] * 30 + [429] * 10
    site.world.clock.forward(minutes=5)
    assert ask(outsider, email="later@example.org", lists=["weekly"])[0] == 202
