"""SPF, DKIM, DMARC, MX and PTR as a real DNS server tells them, and what is said when none can be asked."""

from collections.abc import Callable, Iterator

import dns.rcode
import pytest

from digest.delivery.dkim_keys import DkimKey, make_key
from digest.doctor.mail_dns import check_dkim, check_dmarc, check_mx, check_ptr, check_spf
from digest.doctor.names import Names
from digest.doctor.verdict import Finding, Verdict
from digest.model.dkim import KeyType
from tests.doubles.dns_server import DnsServer, Zone

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL
Check = Callable[[Names], Iterator[Finding]]


def look(zone: Zone, check: Check) -> Finding:
    with DnsServer(zone) as server:
        (finding,) = check(Names([server.address]))
    assert bool(finding.do) is (finding.verdict is not OK), finding
    return finding


def texts(name: str, *records: str) -> Zone:
    return {(name, "TXT"): [f'"{record}"' for record in records]}


NESTED = {
    ("example.org", "TXT"): ['"v=spf1 include:one.example ~all"'],
    ("one.example", "TXT"): ['"v=spf1 a mx include:two.example -all"'],
    ("two.example", "TXT"): ['"v=spf1 ' + "exists:x.example " * 8 + '-all"'],
    ("loop.example", "TXT"): ['"v=spf1 include:loop.example redirect=loop.example"'],
}


@pytest.mark.parametrize(
    ("zone", "domain", "verdict", "said"),
    [
        (
            texts("example.org", "v=spf1 include:relay.example ~all", "other"),
            "example.org",
            OK,
            "include:relay.example",
        ),
        (texts("example.org", "v=spf1 mx redirect=relay.example"), "example.org", OK, "redirect"),
        (texts("example.org", "v=spf10 -all", "hello"), "example.org", FAIL, "no SPF record"),
        ({}, "example.org", FAIL, "no SPF record"),
        (texts("example.org", "v=spf1 -all", "V=SPF1 a -all"), "example.org", FAIL, "2 SPF records"),
        (texts("example.org", "v=spf1 +all"), "example.org", FAIL, "whole world"),
        (texts("example.org", "v=spf1 mx"), "example.org", WARN, "forbids nobody"),
        (texts("example.org", "v=spf1 mx ?all"), "example.org", WARN, "forbids nobody"),
        (NESTED, "example.org", FAIL, "more than 10"),
        (NESTED, "loop.example", OK, "loop"),
    ],
)
def test_spf(zone: Zone, domain: str, verdict: Verdict, said: str) -> None:
    finding = look(zone, lambda names: check_spf(names, [domain]))
    assert (finding.verdict, said in finding.said) == (verdict, True), finding


@pytest.mark.parametrize(
    ("zone", "verdict", "said"),
    [
        (texts("_dmarc.news.example.org", "v=DMARC1; p=reject"), OK, "p=reject"),
        (texts("_dmarc.example.org", "v=DMARC1;p = none ; rua=mailto:x@example.org"), OK, "p=none, of example.org"),
        (texts("_dmarc.news.example.org", "v=DMARC1; p=nothing"), FAIL, "which is none"),
        (texts("_dmarc.news.example.org", "v=DMARC1; p=none", "v=DMARC1; p=reject"), FAIL, "2 DMARC records"),
        (texts("_dmarc.org", "v=DMARC1; p=none"), FAIL, "no DMARC record"),
    ],
)
def test_dmarc(zone: Zone, verdict: Verdict, said: str) -> None:
    finding = look(zone, lambda names: check_dmarc(names, ["news.example.org"]))
    assert (finding.verdict, said in finding.said) == (verdict, True), finding


@pytest.fixture(scope="module")
def key() -> DkimKey:
    return make_key("example.org", "s1", KeyType.RSA)


def test_dkim(key: DkimKey) -> None:
    right, place = key.record, "s1._domainkey.example.org"
    cut = f'"{right[:200]}" "{right[200:]}"'  # as a zone has it: no string over 255 octets
    for records, verdict, said in (
        ([cut], OK, "the key that we sign with"),
        ([cut.replace("v=DKIM1", "v=DKIM1; t=s:y")], WARN, "only being tested"),
        ([f'"{right[:100]}"'], FAIL, "another key"),
        (['"v=DKIM1; p="'], FAIL, "revoked"),
        ([], FAIL, "not in DNS"),
    ):
        finding = look({(place, "TXT"): records}, lambda names: check_dkim(names, ["news.example.org"], [key]))
        assert (finding.verdict, said in finding.said) == (verdict, True), finding
    assert "IN TXT" in finding.do
    unsigned = look({}, lambda names: check_dkim(names, ["example.org"], []))
    assert (unsigned.verdict, unsigned.do[-32:]) == (WARN, "key: `digest dkim new example.org`."[-32:])


def test_mx() -> None:
    for zone, verdict in (
        ({("example.org", "MX"): ["20 b.example.", "10 a.example."]}, OK),
        ({("example.org", "MX"): ["0 ."]}, FAIL),
        ({("example.org", "A"): ["192.0.2.1"]}, OK),
        ({}, FAIL),
    ):
        finding = look(zone, lambda names: check_mx(names, ["example.org"]))
        assert finding.verdict is verdict, finding
    assert (
        "a.example"
        in look({("x.org", "MX"): ["20 b.example.", "10 a.example."]}, lambda names: check_mx(names, ["x.org"])).said
    )


def test_ptr() -> None:
    there = {("relay.example", "A"): ["9.9.9.9"], ("9.9.9.9.in-addr.arpa", "PTR"): ["relay.example."]}
    assert look(there, lambda names: check_ptr(names, ["relay.example"])).verdict is OK
    assert look(there, lambda names: check_ptr(names, ["9.9.9.9"])).verdict is OK
    elsewhere = there | {("9.9.9.9.in-addr.arpa", "PTR"): ["other.example."]}
    assert look(elsewhere, lambda names: check_ptr(names, ["relay.example"])).verdict is WARN
    assert "this machine" in look({}, lambda names: check_ptr(names, ["127.0.0.1"])).said


def test_that_dns_cannot_be_asked_is_a_sentence_and_is_waited_for_once() -> None:
    with DnsServer({}, silent=True) as server:
        names = Names([server.address], seconds=0.3)
        found = [*check_spf(names, ["a.example", "b.example"]), *check_mx(names, ["a.example"])]
        assert server.received == 1
    assert [(each.verdict, each.said) for each in found] == [
        (WARN, "it cannot be told: no DNS server answered within 0.3 seconds")
    ] * 3


def test_a_server_that_fails_is_a_sentence() -> None:
    with DnsServer({}, rcode=dns.rcode.SERVFAIL) as server:
        (finding,) = check_spf(Names([server.address], seconds=2), ["a.example"])
    assert finding.verdict is WARN
    assert "no DNS server would answer for a.example" in finding.said


def test_names_that_cannot_be_in_dns_have_no_records() -> None:
    with DnsServer({}) as server:
        assert Names([server.address]).texts("x" * 70 + ".example") == []
