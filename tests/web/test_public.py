import json
import re
from dataclasses import replace

import httpx2
import pytest
from starlette.testclient import TestClient

from digest.model.address import Address
from digest.model.choices import Choices
from digest.model.mailing_list import Rhythm
from digest.model.subscriber import SubscriptionState, SuppressionReason
from digest.web.forms import HONEYPOT
from digest.words import LANGUAGES
from tests.pipeline.world import with_relay
from tests.web.conftest import Site, open_site

ANN = "ann@example.org"


def suppress(site: Site, email: str, reason: SuppressionReason) -> None:
    app = site.world.app
    with app.store.write() as tx:
        tx.suppressions.add(app.keys.address_hash(Address.parse(email)), reason, app.now())


def ask(site: Site, **body: object) -> tuple[int, str]:
    response = answer_to(site, **body)
    return response.status_code, response.text


def answer_to(site: Site, **body: object) -> httpx2.Response:
    raw = json.dumps(body)  # in ASCII, so that lone surrogates get through
    return site.client.post("/api/subscribe", content=raw, headers={"Content-Type": "application/json"})


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
        assert "There is no such newsletter here" in response.text


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
    assert site.send("/", "/subscribe", list="weekly").status_code == 200
    assert site.state(ANN) is SubscriptionState.PENDING


def test_several_lists_are_chosen_on_the_front_page_and_asked_for_by_one_mail(site: Site) -> None:
    site.add_list("evening", "The Evening")
    page = site.client.get("/").text
    assert page.count('type="checkbox"') == 2
    assert site.send("/", "/subscribe", list=["weekly", "evening"]).status_code == 200
    assert site.mails() == ["confirm-subscription"]
    nothing = site.send("/", "/subscribe")
    assert nothing.status_code == 422
    assert "No newsletter was chosen" in nothing.text


def test_without_any_list_the_front_page_says_so(site: Site) -> None:
    with site.world.app.store.write() as tx:
        tx._connection.exec_driver_sql("DELETE FROM lists")
    assert "no newsletter here yet" in site.client.get("/").text


def test_the_answer_is_the_same_whatever_is_known_of_the_address(site: Site) -> None:
    site.sign_up("confirmed@example.org")
    site.client.post(f"/c/{site.token()}")
    site.sign_up("limited@example.org")
    for reason in SuppressionReason:
        suppress(site, f"{reason}@example.org", reason)
    addresses = ["new@example.org", "confirmed@example.org", "limited@example.org"]
    addresses += [f"{reason}@example.org" for reason in SuppressionReason]
    pages = [site.send("/lists/weekly", "/lists/weekly", address) for address in addresses]
    assert len(set(map(told, pages))) == 1
    asked = [f"x{address}" for address in addresses] + addresses + ["limited@example.org"] * 30
    answers = {told(answer_to(site, email=address, lists=["weekly"])) for address in asked}
    assert len(answers) == 1
    assert answers.pop()[0] == 202


def told(response: httpx2.Response) -> tuple[int, str, bytes]:
    """All that whoever asked can see of it: status, headers in their order, body. Each answer has a random name, of one length."""
    named = [(name, b"0" * len(value) if name == b"x-request-id" else value) for name, value in response.headers.raw]
    return response.status_code, repr(named), response.content


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


def test_who_is_quicker_than_a_person_presses_once_more(site: Site) -> None:
    values = {"email": ANN, "stamp": site.stamp("/lists/weekly")}
    site.world.clock.forward(seconds=1.9)
    quick = site.client.post("/lists/weekly", data=values)
    assert (quick.status_code, "very quick" in quick.text) == (422, True)
    assert site.state(ANN) is None
    assert f'value="{values["stamp"]}"' in quick.text  # so that it is late enough
    site.world.clock.forward(seconds=0.1)
    assert site.client.post("/lists/weekly", data=values).status_code == 200


def test_a_wrong_address_is_said_above_the_form_which_keeps_what_was_typed(site: Site) -> None:
    answer = site.sign_up("<script>alert(1)</script>", name='"><b>Ann')
    assert "is not an e-mail address" in answer
    assert "<script>" not in answer
    assert "<b>" not in answer
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in answer


def test_a_mistake_takes_the_focus_and_only_a_wrong_address_is_marked_as_wrong(site: Site) -> None:
    wrong, hasty = site.sign_up("ann"), site.client.post("/lists/weekly", data={"email": ANN, "stamp": ""}).text
    for page in (wrong, hasty):
        assert re.search(r'role="alert" id="complaint" tabindex="-1" autofocus>', page)
    assert 'aria-invalid="true" aria-describedby="complaint"' in wrong
    assert "aria-invalid" not in hasty


def test_the_pages_can_be_had_in_each_language_by_a_link(site: Site) -> None:
    """Who signs up there is written to in it."""
    site.add_list("evening", "The Evening")
    for path in ("/", "/lists/weekly"):
        links = re.findall(r'<a href="([^"]*)" lang="(\w+)" dir="(\w+)" hreflang', site.client.get(path).text)
        assert [tag for _, tag, _ in links] == list(LANGUAGES)
        for link, tag, direction in links:
            page = site.client.get(link).text
            assert f'<html lang="{tag}" dir="{direction}">' in page
            assert re.search(rf'action="[\w/]+\?lang={tag}"', page)


HOSTILE = [
    "ann@example.org\r\nBcc: eve@example.org",
    "ann@example.org\nSubject: x",
    "ann@example.org%0d%0aBcc: eve@example.org",
    "ann@example.org\x00",
    "ann@example.org\x0bx",
    "ann@example.org\x0cx",
    "ann@example.org\x85Bcc: eve",
    "ann@example.org\u2028Bcc: eve",
    "ann@example.org\u202egro.elpmaxe@eve",
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
    for field in ({"zone": text[:64], "hour": 7}, {"choices": {"weekly": {"topics": [text]}}}, {"altcha": text[:4000]}):
        assert ask(site, email="bob@example.org", lists=["weekly"], **field)[0] == 422, field
    assert ask(site, email="eve@example.org", lists=["weekly"], language=text[:35])[0] == (422 if broken else 202)
    with site.world.app.store.read() as tx:
        readers = [reader.subscriber for reader in tx.subscribers.readers()]
    assert {reader.name for reader in readers} <= {"", "x" * 100}
    assert {reader.language for reader in readers} <= {"en"}


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
        (b'{"email": "ann@example.org", "lists": []}', "Choose at least one"),
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
    outsider, neighbour, other = (site.seen_from(client) for client in ("8.8.4.4", "8.8.4.99", "8.8.5.4"))
    statuses = [ask_as(outsider, f"s{number}@example.org") for number in range(8)]
    assert statuses == [202] * 5 + [429] * 3
    assert ask_as(neighbour, "n@example.org") == 429
    assert ask_as(other, "o@example.org") == 202
    page = neighbour.post("/lists/weekly", data={"email": ANN, "stamp": a_stamp(site)})
    assert (page.status_code, page.headers["retry-after"]) == (429, "120")
    assert "Very many people" in page.text
    site.world.clock.forward(minutes=11)
    assert ask_as(outsider, "later@example.org") == 202


def a_stamp(site: Site) -> str:
    stamp = site.stamp("/lists/weekly")
    site.world.clock.forward(seconds=3)
    return stamp


def ask_as(client: TestClient, email: str, **more: object) -> int:
    return client.post("/api/subscribe", json={"email": email, "lists": ["weekly"], **more}).status_code


def test_who_solved_a_puzzle_has_a_larger_share(site: Site) -> None:
    outsider = site.seen_from("8.8.4.4")
    for number in range(5):
        ask_as(outsider, f"s{number}@example.org")
    assert ask_as(outsider, "bare@example.org") == 429
    assert ask_as(outsider, "solved@example.org", altcha=site.solution()) == 202
    form = {"email": ANN, "stamp": a_stamp(site), "altcha": site.solution()}
    assert outsider.post("/lists/weekly", data=form).status_code == 200
    assert site.state(ANN) is SubscriptionState.PENDING


def test_a_solution_is_taken_once_for_its_own_form_and_not_too_soon(site: Site) -> None:
    site.add_list("evening", "The Evening")
    solution = site.solution()
    assert ask(site, email=ANN, lists=["evening"], altcha=solution)[0] == 422
    assert ask(site, email=ANN, lists=["evening", "weekly"], altcha=solution)[0] == 422
    assert site.state(ANN) is None
    assert ask(site, email=ANN, lists=["weekly"], altcha=solution)[0] == 202
    assert ask(site, email="bob@example.org", lists=["weekly"], altcha=solution)[0] == 422  # replayed
    form = site.client.post(
        "/lists/weekly", data={"email": "bob@example.org", "stamp": a_stamp(site), "altcha": solution}
    )
    assert form.status_code == 422
    assert "once more" in form.text
    assert site.state("bob@example.org") is None
    late = site.solution()
    site.world.clock.forward(minutes=61)
    assert ask(site, email="bob@example.org", lists=["weekly"], altcha=late)[0] == 422
    soon = site.solution()
    site.world.clock.forward(seconds=-2)
    assert ask(site, email="bob@example.org", lists=["weekly"], altcha=soon)[0] == 422
    assert ask(site, email=ANN, lists=["weekly", "evening"], altcha=site.solution(""))[0] == 202


def test_the_api_is_no_way_around_the_hidden_field(site: Site) -> None:
    filled = ask(site, email=ANN, lists=["weekly"], **{HONEYPOT: "x"})
    assert filled == ask(site, email="bob@example.org", lists=["weekly"])
    assert site.state(ANN) is None


def test_ten_thousand_is_a_matter_of_audience_but_each_way_in_counts_the_same_mailbox(site: Site) -> None:
    site.sign_up("ann.reader@gmail.com")
    ask(site, email="annreader+x@gmail.com", lists=["weekly"])
    ask(site, email="annreader@googlemail.com", lists=["weekly"], altcha=site.solution())
    assert site.mails() == ["confirm-subscription"]


# closed


def test_a_closed_door_lets_nobody_in_and_says_so_and_lets_out(site: Site) -> None:
    site.sign_up("before@example.org")
    token = site.token()
    shut = open_site(with_relay(site.world, "smtp://127.0.0.1:1?tls=none", sign_ups=False))
    assert "Sign-ups are closed" in shut.client.get("/lists/weekly").text
    for path in ("/lists/weekly", "/subscribe", "/lists/weekly/embed", f"/c/{token}/again"):
        answer = shut.client.post(path, data={"email": ANN, "list": "weekly", "stamp": site.stamp("/lists/weekly")})
        assert answer.status_code in (503, 422), path
    status, body = ask(shut, email=ANN, lists=["weekly"])
    assert (status, "closed" in body) == (503, True)
    assert site.state(ANN) is None
    assert shut.client.post(f"/c/{token}").status_code == 200  # who was in already may confirm
    assert site.state("before@example.org") is SubscriptionState.CONFIRMED


# choices


def with_topics(site: Site) -> None:
    with site.world.app.store.write() as tx:
        kept = tx.lists.by_name("weekly")
        tx.lists.save(replace(kept, topics=("Town", "Science"), rhythms=(Rhythm.EVERY, Rhythm.WEEKLY)))


def kept_choices(site: Site, email: str) -> Choices:
    with site.world.app.store.read() as tx:
        subscriber = tx.subscribers.find(Address.parse(email))
        assert subscriber is not None
        return tx.audiences.choices(tx.subscribers.subscriptions(subscriber.id)[0].choices_id)


def test_a_list_that_offers_nothing_asks_for_nothing(site: Site) -> None:
    assert "<details" not in site.client.get("/lists/weekly").text


def test_topics_rhythm_and_hour_may_be_chosen_with_the_sign_up(site: Site) -> None:
    with_topics(site)
    page = site.client.get("/lists/weekly").text
    assert re.findall(r'name="topic-weekly" value="(\w+)"', page) == ["Town", "Science"]
    assert len(page) < 30_000
    wishes: dict[str, str] = {"topic-weekly": "Town", "rhythm-weekly": "weekly", "hour": "7", "zone": "Europe/Paris"}
    assert site.send("/lists/weekly", "/lists/weekly?lang=fr", **wishes).status_code == 200
    chosen = kept_choices(site, ANN)
    assert chosen == Choices(("Town",), Rhythm.WEEKLY, hour=7, zone="Europe/Paris", language="fr")
    assert ask(site, email="bob@example.org", lists=["weekly"], choices={"weekly": {"topics": ["Town"]}})[0] == 202
    assert kept_choices(site, "bob@example.org") == Choices(("Town",))


def test_who_chooses_nothing_keeps_the_list_s_own(site: Site) -> None:
    with_topics(site)
    site.send("/lists/weekly", "/lists/weekly", **{"rhythm-weekly": "every", "hour": "", "zone": "Asia/Tokyo"})
    assert kept_choices(site, ANN) == Choices()


def test_a_wish_that_is_not_offered_is_shown_again(site: Site) -> None:
    with_topics(site)
    answer = site.send("/lists/weekly", "/lists/weekly", **{"topic-weekly": "Nope", "hour": "7"})
    assert answer.status_code == 422
    assert "not offered any more" in answer.text
    assert '<option value="7" selected>' in answer.text
    assert site.state(ANN) is None


# the API's description


def test_the_description_of_the_api_says_what_it_answers(site: Site) -> None:
    told = site.client.get("/api/openapi.json").json()
    others = {
        path for path in told["paths"] if not path.startswith("/api/v1/")
    }  # those are the operators': tests/web/v1
    assert others == {"/api/challenge", "/api/subscribe"}
    answers = told["paths"]["/api/subscribe"]["post"]["responses"]
    assert set(answers) == {"202", "404", "413", "422", "429", "503"}
    assert all(set(answers[code]["content"]) == {"application/problem+json"} for code in set(answers) - {"202"})
    assert "HTTPValidationError" not in told["components"]["schemas"]
    fields = told["components"]["schemas"]["Subscription"]["properties"]
    assert {"email", "lists", "altcha", "choices", "leave_empty"} <= set(fields)
