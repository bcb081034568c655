"""Drafting an issue with its pictures: what could not be had is said, and the issue is there all the same."""

import json

from tests.cli.conftest import Place
from tests.doubles.feed_server import FeedServer

RSS = (
    "<rss version='2.0'><channel><title>Harbour Post</title><item><title>Quay opens</title><link>https://h.example/1</link>"
    "<enclosure url='{picture}' type='image/jpeg' length='1'/><description>The new quay.</description></item></channel></rss>"
)


def test_a_picture_that_cannot_be_had_is_said_and_stops_nothing(place: Place) -> None:
    place.environment["DIGEST_PICTURES"] = "stored"
    with FeedServer() as server:
        picture = server.at("/quay.jpg", 404)
        place.good("feed", "add", "weekly", server.at("/feed", body=RSS.format(picture=picture)))
        place.good("refresh")
        for words in ((), ("--json",)):
            done = place.run("issue", "draft", "weekly", *words)
            assert done.code == 0
            assert done.err.count(f"The picture {picture} could not be had: it answered 404 Not Found.") == 1
        assert "Quay opens" in [article["title"] for article in json.loads(done.out)["articles"]]
        assert server.paths.count("/quay.jpg") == 1


def test_a_way_that_is_none_is_refused_by_its_name(place: Place) -> None:
    place.environment["DIGEST_PICTURES"] = "printed"
    said = place.run("issue", "list").sentence
    assert "pictures" in said
    assert "link" in said
