"""Looking at an issue before its readers do: nobody but who is named gets anything."""

from dataclasses import replace

from digest.model.address import Address
from digest.model.message import Outgoing
from digest.pipeline.trial import preview, queue_test, render_now
from digest.rendering.slots import known_tokens
from tests.pipeline.world import KEYS, World

ANN = Address("ann", "example.org")
BEN = Address("ben", "example.org")


def ask(world: World, issue_id: int, to: list[Address], nonce: str) -> int:
    app = world.app
    return queue_test(app.store, issue_id, to, app.render, KEYS, now=world.clock(), nonce=nonce)


def owed(world: World) -> list[Outgoing]:
    with world.app.store.write() as tx:
        return tx.outbox.claim("test", 100, world.clock())


def test_a_preview_has_four_files_and_no_slot_left(world: World) -> None:
    world.add_articles(2)
    issue = world.draft()
    files = preview(world.app.store, issue.id, world.app.render, world.app.links, now=world.clock())
    assert set(files) == {"subject.txt", "body.html", "body.txt", "message.eml"}
    tokens = known_tokens(render_now(world.app.store, issue.id, world.app.render).salt)
    assert [token for token in tokens for content in files.values() if token.encode() in content] == []
    assert b"Story number 1" in files["body.html"]
    assert b"reader@example.org" in files["message.eml"]
    assert owed(world) == []


def test_a_preview_of_a_published_issue_is_the_published_edition(world: World) -> None:
    world.add_articles(1)
    issue = world.draft()
    world.publish(issue)
    with world.app.store.write() as tx:
        tx.lists.save(replace(world.mailing_list, title="Renamed"))
    assert render_now(world.app.store, issue.id, world.app.render) == world.edition(issue)


def test_a_test_goes_to_who_is_named_only_and_again_when_asked_again(world: World) -> None:
    world.subscribe(3)
    world.add_articles(1)
    issue = world.draft()
    assert ask(world, issue.id, [ANN, BEN], "first") == 2
    assert sorted(message.address for message in owed(world)) == [ANN, BEN]
    assert ask(world, issue.id, [ANN, ANN], "second") == 1
    assert [message.address for message in owed(world)] == [ANN]
