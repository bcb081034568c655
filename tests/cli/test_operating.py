"""`digest doctor`, `backup` and `restore` as an operator runs them, also without a network."""

import json
import zipfile
from pathlib import Path

from digest.cli.diagnosis import CHECKS
from tests.cli.conftest import Place
from tests.doubles.dns_server import DnsServer
from tests.doubles.imap_server import ImapServer
from tests.doubles.smtp_server import SmtpServer

NOBODY = "127.0.0.1:9"  # nothing listens there
LOCAL = ("--only", "database", "--only", "disk", "--only", "key", "--only", "scheduler", "--only", "backup")


def test_doctor_goes_on_where_nothing_can_be_reached(place: Place) -> None:
    place.environment["DIGEST_SMTP_URL"] = f"smtp://{NOBODY}?tls=none"
    place.environment["DIGEST_BASE_URL"] = f"https://{NOBODY}"
    done = place.run("doctor", "--dns", NOBODY, "--clock", NOBODY)
    assert done.code == 1
    found = {
        line.split()[1]: line.split()[0] for line in done.out.splitlines() if line.startswith(("ok ", "warn ", "fail "))
    }
    assert found["database"] == found["key"] == "ok"
    assert found["relay"] == found["pages"] == "fail"
    assert found["spf"] == found["dmarc"] == found["mx"] == found["clock"] == "warn"
    assert "What to do:" in done.out
    assert set(found) <= set(CHECKS)


def test_doctor_says_that_all_is_well_or_what_to_do(place: Place) -> None:
    done = place.run("doctor", *LOCAL)
    assert done.code == 0
    assert "- scheduler: Run `digest scheduler`" in done.out
    (finding,) = json.loads(place.good("doctor", "--only", "key", "--json"))
    assert (finding["check"], finding["verdict"], finding["do"]) == ("key", "ok", "")
    assert place.run("doctor", "--only", "key").err == "All is well.\n"
    zone = {("example.org", "TXT"): ['"v=spf1 mx -all"'], ("_dmarc.example.org", "TXT"): ['"v=DMARC1; p=none"']}
    with DnsServer(zone) as dns, SmtpServer() as relay:
        place.environment["DIGEST_SMTP_URL"] = f"smtp://{relay.host}:{relay.port}?tls=none"
        asked = ("--only", "spf", "--only", "dmarc", "--only", "relay")
        assert place.run("doctor", *asked, "--dns", dns.address).code == 0


def test_doctor_tells_of_a_database_and_settings_that_are_wrong(place: Place) -> None:
    assert "There is no check 'teeth'" in place.run("doctor", "--only", "teeth").sentence
    place.environment["DIGEST_SMTP_URL"] = "smtp://mail.example.org?tls=maybe"
    done = place.run("doctor", "--only", "relay")
    assert done.code == 1
    assert "The SMTP address cannot be used" in done.out
    place.environment["DIGEST_DATABASE_URL"] = "sqlite:///nowhere/at/all.db"
    done = place.run("doctor", "--only", "database", "--only", "spf", "--only", "key")
    assert done.code == 1
    assert done.out.count("cannot be opened") == 2


def test_a_backup_is_restored_into_a_new_database(place: Place) -> None:
    assert place.good("backup", "today.zip").startswith("Wrote today.zip: 1 list, 0 issues, 0 readers")
    path = place.path / "today.zip"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "is whole" in place.good("restore", "today.zip", "--check")
    assert "no backup is written over" in place.run("backup", "today.zip").sentence
    assert "is not empty" in place.run("restore", "today.zip", "--yes").sentence
    assert "say --yes" in place.run("restore", "today.zip").sentence
    place.environment["DIGEST_DATABASE_URL"] = "sqlite:///other.db"
    done = place.run("restore", "today.zip", "--yes")
    assert done.code == 0
    assert "Restored the backup of" in done.out
    assert "weekly" in place.good("list", "show")
    assert "there was none" in place.good("doctor", "--only", "backup")
    assert "cannot be read" in place.run("restore", "nothing.zip", "--yes").sentence


def test_backups_go_into_their_folder_and_old_ones_go(place: Place) -> None:
    assert "Say where the backup goes" in place.run("backup").sentence
    folder = place.path / "backups"
    place.environment["DIGEST_BACKUP_DIR"] = str(folder)
    assert "There is no folder" in place.run("backup").sentence
    folder.mkdir()
    for day in range(1, 4):
        (folder / f"digest-2020010{day}-031000.zip").touch()
    (folder / "mine.zip").touch()
    said = json.loads(place.good("backup", "--keep", "2", "--json"))
    assert said["forgotten"] == 2
    assert min(path.name for path in folder.iterdir()) == "digest-20200103-031000.zip"
    assert Path(said["file"]).is_file()
    assert (folder / "mine.zip").exists()
    assert len(list(folder.iterdir())) == 3


def test_a_backup_that_cannot_be_written_leaves_nothing(place: Place) -> None:
    assert "cannot be written" in place.run("backup", "nowhere/today.zip").sentence
    assert not list(place.path.glob("*.part"))


def test_no_secret_is_in_a_backup_nor_said(place: Place) -> None:
    """Canaries in place of every secret: none comes out again (security S29)."""
    place.environment |= {
        "DIGEST_SECRET_KEY": "canary-of-the-secret-key-32-characters",
        "DIGEST_BOUNCE_IMAP": f"imaps://canary-user:canary-password@{NOBODY}",
        "DIGEST_METRICS_TOKEN": "canary-of-the-metrics-token-32-characters",
        "DIGEST_SMTP_URL": f"smtp://canary-user:canary-password@{NOBODY}?tls=starttls",
        "DIGEST_DATABASE_URL": "sqlite:///canaries.db",
    }
    place.good("db", "upgrade")
    said = [place.good("backup", "today.zip")]
    for words in (("doctor", "--dns", NOBODY, "--clock", NOBODY), ("config", "check", "--json"), ("config", "check")):
        done = place.run(*words)
        said += [done.out, done.err]
    with zipfile.ZipFile(place.path / "today.zip") as file:
        said += [file.read(name).decode() for name in file.namelist()]
    for secret in ("canary-of", "canary-password"):
        assert not [text for text in said if secret in text]


def test_doctor_sees_whether_what_comes_back_is_read(place: Place) -> None:
    def verdict(**environment: str) -> tuple[str, str]:
        place.environment = {name: value for name, value in place.environment.items() if "BOUNCE" not in name}
        place.environment |= {f"DIGEST_BOUNCE_{name.upper()}": value for name, value in environment.items()}
        (found,) = json.loads(place.run("doctor", "--only", "returns", "--json").out)
        return found["verdict"], found["said"]

    box = place.path / "bounces"
    assert verdict() == ("ok", "what comes back goes to the lists' senders, and is not read")
    assert verdict(folder=str(box))[0] == "warn"
    assert verdict(address="b@example.org") == ("ok", "it is to be piped into `digest absorb`")
    assert verdict(address="b@example.org", folder=str(box))[0] == "fail"
    (box / "new").mkdir(parents=True)
    (box / "new" / "1").touch()
    assert verdict(address="b@example.org", folder=str(box)) == ("ok", "it can be read; 1 mail waiting in it")
    with ImapServer([b"a mail"]) as server:
        assert verdict(address="b@example.org", imap=server.url) == ("ok", "it can be read; 1 mail waiting in it")
        assert verdict(imap=server.url)[0] == "warn"
        assert verdict(address="b@example.org", imap=server.url.replace("INBOX", "Outbox"))[0] == "fail"
    assert verdict(address="b@example.org", imap="imap://a:b@h") == (
        "fail",
        "bounce_imap is no address of an IMAP mailbox, such as imaps://user:password@mail.example.org/INBOX.",
    )


def test_doctor_asks_for_the_records_of_where_mails_come_back_to(place: Place) -> None:
    with DnsServer({("back.example.net", "TXT"): ['"v=spf1 mx -all"']}) as dns:
        place.environment["DIGEST_BOUNCE_ADDRESS"] = "bounces@back.example.net"
        found = json.loads(place.run("doctor", "--only", "spf", "--only", "mx", "--dns", dns.address, "--json").out)
    assert ("spf", "back.example.net") in {(each["check"], each["about"]) for each in found}
    assert ("mx", "back.example.net") in {(each["check"], each["about"]) for each in found}
