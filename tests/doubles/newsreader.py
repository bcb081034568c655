"""A feed reader that takes the standards at their word: RFC 4287 for Atom, and JSON Feed 1.1. It knows nothing of our code."""

import json
import re
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")  # RFC 3339, upper case: RFC 4287 §3.3
MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

FEED_CHILDREN = {"author", "category", "contributor", "generator", "icon", "id", "link", "logo", "rights", "subtitle"}
FEED_CHILDREN |= {"title", "updated", "entry"}
ENTRY_CHILDREN = {"author", "category", "content", "contributor", "id", "link", "published", "rights", "source"}
ENTRY_CHILDREN |= {"summary", "title", "updated"}

JSON_FEED_MEMBERS = {"version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url", "icon"}
JSON_FEED_MEMBERS |= {"favicon", "authors", "language", "expired", "hubs", "items"}
JSON_ITEM_MEMBERS = {"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image"}
JSON_ITEM_MEMBERS |= {"banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments"}


def check_atom(document: bytes) -> etree._Element:
    """Fails at the first thing that RFC 4287 forbids."""
    feed = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    assert feed.tag == f"{ATOM}feed"
    names = _children(feed, FEED_CHILDREN)
    _check_once(names, required=("id", "title", "updated"), at_most=("generator", "icon", "logo", "rights", "subtitle"))
    _check_parts(feed)
    entries = feed.findall(f"{ATOM}entry")
    assert names["author"] or all(entry.find(f"{ATOM}author") is not None for entry in entries)  # §4.1.1
    assert any(link.get("rel") == "self" for link in feed.findall(f"{ATOM}link"))  # §4.1.1, SHOULD
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        _check_entry(entry)
    return feed


def _check_entry(entry: etree._Element) -> None:
    names = _children(entry, ENTRY_CHILDREN)
    once = ("content", "published", "rights", "source", "summary")
    _check_once(names, required=("id", "title", "updated"), at_most=once)
    _check_parts(entry)
    alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
    assert names["content"] or alternates  # §4.1.2
    kinds = [(link.get("type"), link.get("hreflang")) for link in alternates]
    assert len(set(kinds)) == len(kinds)  # §4.1.2


def _name(element: etree._Element) -> str:
    """Within Atom's name space; "" of any other."""
    tag = str(element.tag)
    return tag.removeprefix(ATOM) if tag.startswith(ATOM) else ""


def _children(element: etree._Element, allowed: set[str]) -> Counter[str]:
    assert all(_name(child) for child in element), "an element of no known name space"
    names = Counter(map(_name, element))
    assert set(names) <= allowed
    return names


def _check_once(names: Counter[str], *, required: tuple[str, ...], at_most: tuple[str, ...]) -> None:
    assert {name: names[name] for name in required} == dict.fromkeys(required, 1)
    assert all(names[name] <= 1 for name in at_most)


def _check_parts(element: etree._Element) -> None:
    for child in element:
        match _name(child):
            case "id":
                assert urlsplit(child.text or "").scheme  # §4.2.6, an IRI that is not relative
                assert not set(child.text or "") & set(" \n<>\"'")
            case "updated" | "published":
                assert DATE.fullmatch(child.text or "")
            case "link":
                assert urlsplit(child.get("href", "")).scheme in {"http", "https"}
                assert MEDIA_TYPE.fullmatch(child.get("type", "text/html"))
            case "author" | "contributor":
                assert [part.tag for part in child][:1] == [f"{ATOM}name"]
                assert (child[0].text or "").strip()
            case "title" | "subtitle" | "summary" | "content" | "rights":
                assert child.get("type", "text") in {"text", "html"}
                assert len(child) == 0  # §3.1.1: markup in these is escaped
            case "category":
                assert child.get("term")
    language = element.get("{http://www.w3.org/XML/1998/namespace}lang")
    assert language is None or LANGUAGE.fullmatch(language)


def check_json_feed(document: bytes) -> dict[str, Any]:
    """Fails at the first thing that jsonfeed.org/version/1.1 forbids."""
    feed: dict[str, Any] = json.loads(document.decode("utf-8"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert set(feed) <= JSON_FEED_MEMBERS
    ids = [item["id"] for item in feed["items"]]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(each, str) and each for each in ids)
    for item in feed["items"]:
        assert set(item) <= JSON_ITEM_MEMBERS
        assert "content_html" in item or "content_text" in item
        assert all(DATE.fullmatch(item[name]) for name in ("date_published", "date_modified") if name in item)
        assert all(urlsplit(item[name]).scheme in {"http", "https"} for name in ("url", "image") if name in item)
        assert all(author.get("name") for author in item.get("authors", []))
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
    return feed
