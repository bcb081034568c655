"""Readers from files and into files, as an operator does it."""

import csv
import json
import shutil
import zipfile
from pathlib import Path

from tests.cli.conftest import Place

DATA = Path(__file__).parents[1] / "data" / "imports"
SURE = ("--confirmed", "--consent", "signed up at example.org")


def from_mailchimp(place: Place) -> None:
    with zipfile.ZipFile(place.path / "mailchimp.zip", "w") as archive:
        for kind in ("subscribed", "unsubscribed", "cleaned"):
            archive.write(DATA / f"mailchimp-{kind}.csv", f"lists/{kind}_members_export.csv")


def states(place: Place) -> dict[str, str]:
    return {row["address"]: row["state"] for row in json.loads(place.good("subscriber", "list", "--json"))}


def test_a_zip_of_mailchimp_s_is_looked_at_imported_and_undone(place: Place) -> None:
    from_mailchimp(place)
    words = ("subscriber", "import", "mailchimp.zip", "--list", "weekly", *SURE)
    looked = place.run(*words, "--dry-run")
    assert looked.code == 0
    assert "Nothing was changed" in looked.err
    assert place.run("subscriber", "list").code == 4
    done = place.run(*words)
    assert done.out == looked.out
    lines = dict(line.rsplit(maxsplit=1) for line in done.out.splitlines()[1:])
    assert lines["new"] == "2"
    assert lines["kept as not to be mailed"] == "2"
    assert "`digest subscriber undo-import 1` takes it back" in done.err
    assert states(place)["cyd@example.org"] == "unsubscribed"
    story = json.loads(place.good("subscriber", "show", "ann@example.org", "--json"))
    assert story["subscriptions"][0]["consent"]["at"] == "2019-03-04T05:06:07+00:00"
    assert story["note"].startswith("met at the fair")
    assert json.loads(place.good("subscriber", "imports", "--json"))[0]["added"] == 2
    assert place.good("subscriber", "imports").splitlines()[1].split()[:3] == ["1", "finished", "weekly"]
    assert place.good("subscriber", "undo-import", "1", "--yes") == (
        "Undid import 1: 4 subscriptions removed, 0 as before, 1 suppression lifted.\n"
    )
    assert place.run("subscriber", "list").code == 4
    assert place.run("subscriber", "undo-import", "1", "--yes").sentence == "Import 1 was undone already."
    assert place.run("subscriber", "undo-import", "7", "--yes").code == 2


def test_a_table_is_mapped_and_what_was_refused_is_written_down(place: Place) -> None:
    (place.path / "fair.csv").write_text("Contact,Status\nann@example.org,new\n=1+1,new\n")
    words = ("subscriber", "import", "fair.csv", "--list", "weekly", *SURE)
    mapped = ("--map", "Contact=email", "--map", "Status=ignore", "--refused", "refused.csv")
    assert "--map 'Contact=email'" in place.run(*words).sentence
    done = place.run(*words, *mapped)
    assert done.code == 3
    assert "fair.csv, line 3 has no usable address" in done.err
    place.good("subscriber", "unsubscribe", "ann@example.org")
    assert place.run(*words, *mapped).code == 3
    with (place.path / "refused.csv").open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["file", "line", "what", "why"]
    assert [row[:3] for row in rows[1:]] == [["fair.csv", "2", "left alone"], ["fair.csv", "3", "refused"]]


def test_an_export_names_its_lists_itself(place: Place) -> None:
    shutil.copy(DATA / "anything.csv", place.path / "readers.csv")
    assert place.run("subscriber", "import", "readers.csv", *SURE).sentence.endswith("for instance --list weekly.")
    place.run("subscriber", "import", "readers.csv", "--list", "weekly", *SURE)
    before = states(place)
    place.good("subscriber", "export", "--format", "jsonl", "--out", "readers.jsonl")
    again = place.good("subscriber", "import", "readers.jsonl", *SURE, "--json")
    assert (json.loads(again)["already"], json.loads(again)["sources"]) == (3, ["digest"])
    place.good("subscriber", "undo-import", "1", "--yes")
    place.good("subscriber", "import", "readers.jsonl", *SURE)
    assert states(place) == before
