"""A stranger's picture → our two renditions of it, by Pillow. Runs in the confined process (security S31).

    bytes → one of five formats, by content → few enough pixels → first frame → upright → sRGB, 8 bits → two sizes → JPEG or PNG

Nothing of the file but its pixels comes out: no EXIF, place, comment, profile or second frame.
"""

import io
import warnings
from contextlib import suppress

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, UnidentifiedImageError

from digest.model.picture import THUMB, WIDE, Rendition
from digest.sources.parsed import Unreadable

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")  # never SVG, which is a program
MAX_PIXELS = 40_000_000  # as decoded; 8,000 × 5,000
TALLEST = 1.5  # times its width; what is taller is cropped, as the mail crops it anyway
SMALLEST = 48  # pixels either way: what is smaller is an icon, or counts readers
QUALITY = 80  # of a JPEG
MAX_PNG = 150_000  # bytes: with more, what is transparent gets a white ground and becomes a JPEG
_DEEP = {"I": 65_535, "I;16": 65_535, "I;16B": 65_535, "I;16L": 65_535, "I;16N": 65_535}  # grey with 16 bits
_UPPER = 0.25  # where a tall picture is cropped: faces and skylines are above its middle


def make_renditions(content: bytes) -> tuple[Rendition, ...]:
    """The wide one and the thumb; none of what is too small to be a picture. Raises Unreadable. Same in, same out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's about odd metadata, which we drop
        image = _read(content)
    if min(image.size) < SMALLEST:
        return ()
    return _encode(_wide(image)), _encode(_thumb(image))


def _read(content: bytes) -> Image.Image:
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # each one costs address space, of which there is little
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            image.draft(None, (2 * WIDE, 2 * WIDE))  # a JPEG is decoded at a fraction of its size
            _check_size(image)
            image.load()
            return _in_srgb(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise Unreadable("it is no JPEG, PNG, GIF, WebP or AVIF picture") from None
    except Image.DecompressionBombError:
        raise Unreadable(_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise Unreadable("it is damaged or cut off") from None


_TOO_LARGE = f"it has more than {MAX_PIXELS // 1_000_000} million pixels"


def _check_size(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError


def _in_srgb(image: Image.Image) -> Image.Image:
    """RGB, or RGBA where something shows through. A colour profile is applied, since it does not come along."""
    profile = image.info.get("icc_profile")
    if image.mode in _DEEP:
        image = image.convert("F").point(lambda value: value * (255 / _DEEP["I"])).convert("L")
    if image.mode != "CMYK":
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if profile:
        with suppress(
            ImageCms.PyCMSError, OSError, ValueError
        ):  # a profile that is none, or of another kind of picture
            image = _by_profile(image, profile)
    image = image.convert("RGB") if image.mode == "CMYK" or _is_opaque(image) else image
    image.info.clear()
    return image


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    converted = ImageCms.profileToProfile(image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode=mode)
    return converted or image


def _is_opaque(image: Image.Image) -> bool:
    return image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255)


def _wide(image: Image.Image) -> Image.Image:
    width = min(image.width, WIDE)
    height = max(1, round(image.height * width / image.width))
    tallest = round(width * TALLEST)
    if height <= tallest:
        return image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)
    return ImageOps.fit(image, (width, tallest), Image.Resampling.LANCZOS, centering=(0.5, _UPPER))


def _thumb(image: Image.Image) -> Image.Image:
    scale = min(1.0, image.width / THUMB[0], image.height / THUMB[1])
    size = max(1, round(THUMB[0] * scale)), max(1, round(THUMB[1] * scale))
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def _encode(image: Image.Image) -> Rendition:
    """A PNG for what is transparent, and for a drawing where it is the smaller one; else a JPEG."""
    photo = _jpeg(image)
    if image.mode == "RGBA" or image.getcolors(256):
        drawing = _saved(image, "PNG", optimize=True)
        if len(drawing) <= (MAX_PNG if image.mode == "RGBA" else len(photo)):
            return Rendition(drawing, "image/png", image.width, image.height)
    return Rendition(photo, "image/jpeg", image.width, image.height)


def _jpeg(image: Image.Image) -> bytes:
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return _saved(image, "JPEG", quality=QUALITY, optimize=True, progressive=True)


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()
