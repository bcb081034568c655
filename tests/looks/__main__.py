"""The picture matrix: `make looks` says which pictures of mails are not as they were looked at.

UPDATE_GOLDEN=1 make looks      takes them anew; look at each that changed, and commit them
python -m tests.looks --sheets  makes the sheets of docs/pictures from the golden ones
"""

import os
import sys
from pathlib import Path

import pytest

from tests.looks.camera import open_camera
from tests.looks.gallery import GOLDEN, differing, renew
from tests.looks.matrix import shots
from tests.looks.sheet import make_sheets

OUT = Path("build/looks")


def main() -> int:
    if "--sheets" in sys.argv[1:]:
        sys.stdout.write("".join(f"made {sheet}\n" for sheet in make_sheets()))
        return 0
    try:
        with open_camera() as camera:
            if os.environ.get("UPDATE_GOLDEN"):
                sys.stdout.write(f"took {renew(camera)} pictures: {GOLDEN}\n")
                return 0
            found = list(differing(camera, OUT, shots()))
    except pytest.skip.Exception as reason:
        sys.stdout.write(f"no picture can be taken: {reason}\n")
        return 1
    said = [*found, f"{len(found)} of {len(list(shots()))} pictures differ"]
    sys.stdout.write("".join(f"{line}\n" for line in said))
    return 1 if found else 0


sys.exit(main())
