"""What a message row becomes: the same row the same bytes, and each reader their own links."""

from email import message_from_bytes, policy

from digest.links import Purpose
from digest.model.message import Outgoing
from digest.pipeline.compose import Compositor
from tests.pipeline.world import World


def rows(world: World, count: int) -> list[Outgoing]:
    world.subscribe(count)
    world.add_articles(1)
    world.publish()
    with world.app.store.write() as tx:
        return tx.outbox.claim("test", count, world.clock())


def header(world: World, row: Outgoing, name: str) -> str:
    _, content = Compositor(world.app.store, world.app.links).compose(row)
    return str(message_from_bytes(content.plain, policy=policy.default)[name])


def test_the_same_row_gives_the_same_bytes(world: World) -> None:
    (row,) = rows(world, 1)
    first = Compositor(world.app.store, world.app.links).compose(row)
    world.clock.forward(hours=3)
    assert Compositor(world.app.store, world.app.links).compose(row) == first


def test_each_row_has_its_own_message_id(world: World) -> None:
    found = {header(world, row, "Message-ID") for row in rows(world, 3)}
    assert len(found) == 3
    assert all(one.endswith("@weekly.example.org>") for one in found)


def test_the_links_are_the_readers_own(world: World) -> None:
    for row in rows(world, 2):
        token = header(world, row, "List-Unsubscribe").strip("<>").rpartition("/")[2]
        assert world.app.links.read(Purpose.UNSUBSCRIBE, token) == (row.subscriber_id, row.list_id)
        assert header(world, row, "To") == str(row.address)
