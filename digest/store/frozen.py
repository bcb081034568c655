"""Articles as JSON and back: how they are kept in a row and frozen into an issue."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from digest.model.article import Article
from digest.model.feed import Picture

_FIELDS = tuple(field.name for field in fields(Article))


def to_json(article: Article) -> dict[str, Any]:
    values = {name: getattr(article, name) for name in _FIELDS}
    values["published_at"] = article.published_at.isoformat()
    values["picture"] = asdict(article.picture) if article.picture else None
    return values


def from_json(kept: dict[str, Any]) -> Article:
    picture = Picture(**kept["picture"]) if kept["picture"] else None
    return Article(**kept | {"published_at": datetime.fromisoformat(kept["published_at"]), "picture": picture})
