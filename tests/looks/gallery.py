"""The golden pictures: what a person has looked at and found good, and how to hold new ones against them."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from PIL import Image

from tests.looks.camera import Camera
from tests.looks.compare import compare, show
from tests.looks.matrix import Shot, shots, take

GOLDEN = Path(__file__).parents[1] / "golden/looks"
FILE = ".webp"


def renew(camera: Camera) -> int:
    """Takes all pictures anew and removes those that are no longer taken; how many there are."""
    GOLDEN.mkdir(exist_ok=True)
    names = [shot.name + FILE for shot in shots()]
    for shot in shots():
        _open(take(camera, shot)).save(GOLDEN / (shot.name + FILE), quality=30, method=6)
    for old in GOLDEN.glob("*" + FILE):
        if old.name not in names:
            old.unlink()
    return len(names)


def differing(camera: Camera, out: Path, taken: Iterable[Shot]) -> Iterator[str]:
    """A sentence for each picture that is not as it was; what differs is drawn in a file of `out`."""
    for shot in taken:
        if said := _hold(camera, shot, out):
            yield f"{shot.name}: {said}"


def _hold(camera: Camera, shot: Shot, out: Path) -> str:
    file = GOLDEN / (shot.name + FILE)
    if not file.is_file():
        return "there is no golden picture of it"
    golden, taken = Image.open(file).convert("RGB"), _open(take(camera, shot))
    difference = compare(golden, taken)
    if difference.small:
        return ""
    out.mkdir(parents=True, exist_ok=True)
    show(golden, taken).save(out / f"{shot.name}.png")
    return f"{difference}; see {out / shot.name}.png"


def _open(taken: bytes) -> Image.Image:
    return Image.open(io.BytesIO(taken)).convert("RGB")
