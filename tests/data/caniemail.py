"""What `make caniemail` does: the newest table of what mail clients show, from the npm package `caniemail`, made compact.

python -m tests.data.caniemail
"""

import base64
import hashlib
import io
import json
import sys
import tarfile
import urllib.request
from pathlib import Path
from typing import Any

REGISTRY = "https://registry.npmjs.org/caniemail/latest"
INSIDE = "package/data/caniemail.json"
MOST_BYTES = 20_000_000
TABLE = Path(__file__).parents[2] / "digest/rendering/lint/caniemail.json"
CATEGORIES = {"css", "html", "image"}
PLACES = {
    "desktop-webmail": "web",
    "mobile-webmail": "web on phones",
    "outlook-com": "web",
}  # else by caniemail's names


def condense(data: dict[str, Any]) -> dict[str, Any]:
    """One letter for each feature and client, of the newest version that was tried: y, a(lmost), n, u(nknown)."""
    kept = [feature for feature in data["data"] if feature["category"] in CATEGORIES]
    clients = sorted(
        {f"{family}.{place}" for feature in kept for family, places in feature["stats"].items() for place in places}
    )
    return {
        "clients": {client: _name(client, data["nicenames"]) for client in clients},
        "features": {
            feature["slug"]: [feature["title"].strip(), "".join(_letter(feature["stats"], each) for each in clients)]
            for feature in sorted(kept, key=lambda feature: str(feature["slug"]))
        },
    }


def _name(client: str, names: dict[str, dict[str, str]]) -> str:
    family, _, place = client.partition(".")
    return f"{names['family'].get(family, family)} ({PLACES.get(place) or names['platform'].get(place, place)})"


def _letter(stats: dict[str, Any], client: str) -> str:
    family, _, place = client.partition(".")
    versions = stats.get(family, {}).get(place, {})
    return next(reversed(versions.values()))[0] if versions else "u"


def write(table: dict[str, Any]) -> str:
    """A feature a line, so that a refresh can be read as a difference."""
    parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in table.items() if not isinstance(value, dict)]
    for name, value in table.items():
        if isinstance(value, dict):
            lines = (f"  {json.dumps(key)}: {json.dumps(each, ensure_ascii=False)}" for key, each in value.items())
            parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def download() -> tuple[dict[str, Any], dict[str, Any]]:
    """The registry's word on the newest version, and the data in its archive, whose checksum must be the registry's."""
    said = json.loads(_get(REGISTRY))
    archive = _get(said["dist"]["tarball"])
    kind, _, wanted = said["dist"]["integrity"].partition("-")
    if base64.b64encode(hashlib.new(kind, archive).digest()).decode() != wanted:
        sys.exit(f"{said['dist']['tarball']} is not what the registry says it is.")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        inside = packed.extractfile(INSIDE)
        assert inside is not None
        return said, json.load(inside)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        content: bytes = answer.read(MOST_BYTES)
    return content


def main() -> None:
    said, data = download()
    head = {
        "source": f"https://www.caniemail.com, by the npm package caniemail {said['version']}",
        "licence": said["license"],
        "copyright": "Copyright © Avi Goldman; Copyright © Andrew Powell",
        "date": data["last_update_date"][:10],
    }
    TABLE.write_text(write(head | condense(data)), encoding="utf-8")
    sys.stdout.write(f"{TABLE.relative_to(Path.cwd())} is of {head['date']} (caniemail {said['version']}).\n")


if __name__ == "__main__":
    main()
