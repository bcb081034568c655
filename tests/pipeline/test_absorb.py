"""What comes back of real mails: counted once, against the right reader, and never without our own proof."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from digest.audience.person import erase_person
from digest.feedback.imap import ImapMailbox, parse_place
from digest.feedback.maildir import Maildir
from digest.model.address import Address
from digest.model.event import EventKind
from digest.model.returned import BELIEVED_FOR, MANY, ReturnKind
from digest.model.subscriber import SuppressionReason
from digest.pipeline.absorb import Absorbed, Absorber
from digest.pipeline.report import report_on
from tests.doubles.imap_server import ImapServer
from tests.doubles.returned import returned
from tests.doubles.smtp_server import Rule, SmtpServer, reply
from tests.pipeline.test_deliver import prepared, send
from tests.pipeline.world import KEYS, PERIOD, World

BOUNCES = "bounces@news.example.org"
TOLD, KNOWN, DELAYED, NOT_OURS, NO_REPORT = Absorbed


def sent_world(world: World, *rules: Rule, readers: int = 2, **settings: object) -> tuple[World, dict[str, str]]:
    """An issue is out; and the envelope sender that each reader's mail had."""
    with SmtpServer(*rules) as server:
        ready = prepared(world, server, readers, bounce_address=BOUNCES, **settings)
        ready.publish()
        send(ready)
        return ready, {mail.recipient: mail.sender for mail in server.messages}


def absorber(world: World) -> Absorber:
    app = world.app
    return Absorber(app.store, app.links, app.return_paths, app.now)


def reason(world: World, address: str) -> SuppressionReason | None:
    with world.app.store.read() as tx:
        return tx.suppressions.reason(KEYS.address_hash(Address.parse(address)))


def happened(world: World, address: str) -> list[EventKind]:
    with world.app.store.read() as tx:
        reader = tx.subscribers.find(Address.parse(address))
        assert reader is not None
        return [each.kind for each in tx.events.of_subscriber(reader.id)]


def link(world: World, number: int) -> str:
    return world.app.links.unsubscribe(number, world.mailing_list.id)


def test_each_mail_has_an_envelope_sender_of_its_own(world: World) -> None:
    ready, senders = sent_world(world)
    assert len(set(senders.values())) == len(senders) == 2
    paths = ready.app.return_paths
    assert paths is not None
    assert all(sender.startswith("bounces+") and paths.read(sender) for sender in senders.values())


def test_who_has_no_mailbox_is_mailed_no_more(world: World) -> None:
    ready, senders = sent_world(world)
    outcome = absorber(ready).absorb(returned("postfix", return_path=senders["reader0@example.org"]))
    assert (outcome.absorbed, outcome.suppressed) == (TOLD, SuppressionReason.BOUNCED)
    assert (reason(ready, "reader0@example.org"), reason(ready, "reader1@example.org")) == (
        SuppressionReason.BOUNCED,
        None,
    )
    assert happened(ready, "reader0@example.org") == [EventKind.BOUNCED, EventKind.SUPPRESSED]
    report = report_on(ready.app.store, 1, now=ready.clock())
    assert report.returned == {ReturnKind.FAILED: 1}
    assert report.account.balanced


def test_told_twice_and_at_once_it_counts_once(world: World) -> None:
    ready, senders = sent_world(world)
    raw = returned("vague", return_path=senders["reader0@example.org"])
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(absorber(ready).absorb, [raw] * 8))
    assert sorted(each.absorbed for each in outcomes) == sorted([TOLD, *[KNOWN] * 7])
    assert happened(ready, "reader0@example.org") == [EventKind.BOUNCED]
    assert reason(ready, "reader0@example.org") is None


def test_full_mailboxes_are_given_up_after_some_issues(sqlite_world: World) -> None:
    """One of them was refused at once; that counts too."""
    world, senders = sent_world(sqlite_world, Rule(reply("550 5.2.1 disabled"), verb="RCPT", recipient="^reader0@"))
    assert "reader0@example.org" not in senders
    assert happened(world, "reader0@example.org") == [EventKind.BOUNCED]
    outcomes = []
    for week in range(1, MANY):
        world.clock.forward(days=7)
        world.add_articles(3)
        with SmtpServer() as server:
            ready = prepared(world, server, 0, bounce_address=BOUNCES)
            ready.publish(ready.draft(PERIOD + timedelta(days=7 * week)))
            send(ready)
            (sender,) = [mail.sender for mail in server.messages if mail.recipient == "reader0@example.org"]
        outcomes.append(absorber(ready).absorb(returned("vague", return_path=sender)).suppressed)
    assert outcomes == [*[None] * (MANY - 2), SuppressionReason.BOUNCED]


@pytest.mark.parametrize("proof", ["return path", "link"])
def test_a_complaint_ends_it(world: World, proof: str) -> None:
    """Who forwards complaints leaves out who complained, but not by which link they could have left."""
    ready, senders = sent_world(world)
    raw = returned("complaint", unsubscribe=link(ready, 1) if proof == "link" else "https://x.example/u/0")
    if proof == "return path":
        raw = raw.replace(b"abuse@news.example.org", senders["reader0@example.org"].encode())
    outcome = absorber(ready).absorb(raw)
    assert (outcome.absorbed, outcome.suppressed) == (TOLD, SuppressionReason.COMPLAINT)
    assert happened(ready, "reader0@example.org") == [EventKind.COMPLAINED, EventKind.SUPPRESSED]
    assert report_on(ready.app.store, 1, now=ready.clock()).returned == {ReturnKind.COMPLAINT: 1}


def test_forged_ones_change_nothing(world: World) -> None:
    """Without a proof, with another's, with the link to leave where only the envelope will do, and replayed a hundred times."""
    ready, senders = sent_world(world)
    absorb, before = absorber(ready).absorb, happened(ready, "reader0@example.org")
    mine = senders["reader1@example.org"]
    forged = [
        returned("postfix"),
        returned("postfix", return_path="reader0@example.org"),
        returned("postfix", return_path=BOUNCES),
        returned("postfix", return_path=mine.replace("+", "+a", 1)),
        returned("postfix", return_path=mine.replace("news.", "other.")),
        returned("postfix", unsubscribe=link(ready, 1)),
        returned("complaint", unsubscribe=ready.app.links.preferences(1, 1)),
        returned("complaint", unsubscribe=link(ready, 1).replace("news.example.org", "evil.example.org")),
        returned("complaint", unsubscribe=link(ready, 99)),
    ]
    assert {absorb(raw).absorbed for raw in forged} == {NOT_OURS}
    naming_another = [
        absorb(returned("vague", return_path=mine)).absorbed for _ in range(100)
    ]  # says reader0 in its text
    assert naming_another == [TOLD, *[KNOWN] * 99]
    assert happened(ready, "reader0@example.org") == before
    assert reason(ready, "reader0@example.org") is None


def test_old_ones_change_nothing(sqlite_world: World) -> None:
    world, senders = sent_world(sqlite_world)
    raw = returned("postfix", return_path=senders["reader0@example.org"])
    world.clock.time += BELIEVED_FOR + timedelta(seconds=1)
    assert absorber(world).absorb(raw).absorbed is NOT_OURS
    assert absorber(world).absorb(returned("complaint", unsubscribe=link(world, 1))).absorbed is NOT_OURS
    assert reason(world, "reader0@example.org") is None


def test_what_has_not_gone_out_cannot_come_back(sqlite_world: World) -> None:
    world, _ = sent_world(sqlite_world, Rule(reply("450 4.2.1 busy"), verb="RCPT", recipient="^reader0@"))
    paths = world.app.return_paths
    assert paths is not None
    raws = [returned("postfix", return_path=str(paths.of(number))) for number in (1, 999)]
    assert [absorber(world).absorb(raw).absorbed for raw in raws] == [NOT_OURS, NOT_OURS]


def test_delays_and_other_mails_are_only_read(sqlite_world: World) -> None:
    world, senders = sent_world(sqlite_world)
    path = senders["reader0@example.org"]
    absorb, before = absorber(world).absorb, happened(world, "reader0@example.org")
    assert absorb(returned("delayed", return_path=path)).absorbed is DELAYED
    others = [absorb(returned(name, return_path=path)).absorbed for name in ("away", "own-words", "not-spam")]
    assert others == [NO_REPORT] * 3
    assert happened(world, "reader0@example.org") == before


def test_of_an_erased_reader_nothing_is_kept(world: World) -> None:
    ready, senders = sent_world(world)
    erase_person(ready.app.store, KEYS, "reader0@example.org", now=ready.clock())
    outcome = absorber(ready).absorb(returned("postfix", return_path=senders["reader0@example.org"]))
    assert outcome.suppressed is None
    assert reason(ready, "reader0@example.org") is SuppressionReason.ERASED
    with ready.app.store.read() as tx:
        kept = tx._connection.exec_driver_sql("SELECT said FROM returns").scalars().all()
    assert not any("reader0" in said for said in kept)


def test_a_maildir_is_emptied_of_what_was_understood(sqlite_world: World, tmp_path: Path) -> None:
    world, senders = sent_world(sqlite_world)
    (tmp_path / "new").mkdir()
    path = senders["reader0@example.org"]
    for name in ("away", "delayed", "postfix"):
        (tmp_path / "new" / name).write_bytes(returned(name, return_path=path))
    outcomes = [each.absorbed for each in absorber(world).empty(Maildir(tmp_path))]
    assert outcomes == [NO_REPORT, DELAYED, TOLD]
    assert [each.name for each in (tmp_path / "cur").iterdir()] == ["away:2,S"]
    assert list((tmp_path / "new").iterdir()) == []
    assert list(absorber(world).empty(Maildir(tmp_path))) == []


def test_a_mailbox_is_emptied_of_what_was_understood(sqlite_world: World) -> None:
    world, senders = sent_world(sqlite_world)
    path = senders["reader0@example.org"]
    with ImapServer(returned(name, return_path=path) for name in ("away", "delayed", "postfix")) as server:
        mailbox = ImapMailbox(parse_place(server.url))
        assert [each.absorbed for each in absorber(world).empty(mailbox)] == [NO_REPORT, DELAYED, TOLD]
        assert list(absorber(world).empty(mailbox)) == []
    assert [(mail.raw[:5], mail.flags) for mail in server.mails.values()] == [
        (returned("away", return_path=path)[:5], {r"\Seen"})
    ]
    assert reason(world, "reader0@example.org") is SuppressionReason.BOUNCED


def test_a_refusal_at_once_is_told_of_its_reader(world: World) -> None:
    """Segments, webhooks and a reader's story look for it there."""
    ready, _ = sent_world(world, Rule(reply("550 5.1.1 no such user"), verb="RCPT", recipient="^reader0@"))
    with ready.app.store.read() as tx:
        reader = tx.subscribers.find(Address.parse("reader0@example.org"))
        assert reader is not None
        (event,) = [each for each in tx.events.of_subscriber(reader.id) if each.kind is EventKind.BOUNCED]
    assert event.list_id == ready.mailing_list.id
    assert event.detail == {"code": 550, "status": "5.1.1", "verb": "RCPT"}


def test_killed_before_a_mail_was_removed_it_is_read_again_and_counts_once(sqlite_world: World, tmp_path: Path) -> None:
    world, senders = sent_world(sqlite_world)
    (tmp_path / "new").mkdir()
    raw = returned("postfix", return_path=senders["reader0@example.org"])
    (tmp_path / "new" / "1").write_bytes(raw)
    assert absorber(world).absorb(raw).absorbed is TOLD  # and here it was killed
    assert [each.absorbed for each in absorber(world).empty(Maildir(tmp_path))] == [KNOWN]
    assert list((tmp_path / "new").iterdir()) == []
    assert happened(world, "reader0@example.org") == [EventKind.BOUNCED, EventKind.SUPPRESSED]


def test_what_comes_back_before_the_answer_was_written_down_counts(sqlite_world: World) -> None:
    """The sender died with it, and nobody has taken over yet."""
    world, senders = sent_world(sqlite_world)
    with world.app.store.write() as tx:
        tx._connection.exec_driver_sql("UPDATE messages SET state = 'armed', settled_at = NULL")
    outcome = absorber(world).absorb(returned("postfix", return_path=senders["reader0@example.org"]))
    assert (outcome.absorbed, outcome.suppressed) == (TOLD, SuppressionReason.BOUNCED)


@pytest.mark.parametrize(
    ("status", "counts"), [("5.2.2", True), ("", False), ("4.4.7", False), ("5.7.1", False), ("5.3.4", False)]
)
def test_what_does_not_count_does_not_add_up_either(sqlite_world: World, status: str, counts: bool) -> None:
    world, senders = sent_world(sqlite_world, readers=MANY)
    raw = returned("vague", return_path=senders["reader0@example.org"])
    with world.app.store.write() as tx:
        for number in range(2, MANY + 1):  # as if these, too, had been to the first reader
            about = {"subscriber_id": 1, "list_id": 1, "message_id": number}
            at = world.clock() - timedelta(days=number)
            tx.events.add(EventKind.BOUNCED, at, **about, status=status, later=True)
    outcome = absorber(world).absorb(raw)
    assert outcome.absorbed is TOLD
    assert outcome.suppressed is (SuppressionReason.BOUNCED if counts else None)
