"""Articles as JSON and back: how they are kept in a row and frozen into an issue."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from digest.model.article import Article
from digest.model.feed import Picture


def to_json(article: Article) -> dict[str, Any]:
    return asdict(article) | {"published_at": article.published_at.isoformat()}


def from_json(kept: dict[str, Any]) -> Article:
    picture = Picture(**kept["picture"]) if kept["picture"] else None
    return Article(**kept | {"published_at": datetime.fromisoformat(kept["published_at"]), "picture": picture})
