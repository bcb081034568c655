"""What becomes of strangers' pictures: upright, small, without metadata, or refused in words. The files are made here."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from digest.model.picture import Rendition
from digest.sources import confine
from digest.sources.confine import CRASHED, Pool
from digest.sources.parsed import Unreadable
from digest.sources.rendition import MAX_PNG, SMALLEST, make_renditions

RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Red at the top, blue below."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (0, size[1] // 2, *size))
    return image.convert(mode)


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    return Image.merge("RGB", [Image.effect_noise(size, 90) for _ in "RGB"]).convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def opened(rendition: Rendition) -> Image.Image:
    image = Image.open(io.BytesIO(rendition.content))
    assert image.size == (rendition.width, rendition.height)
    assert image.get_format_mimetype() == rendition.media_type
    return image


def is_red(image: Image.Image, place: tuple[int, int]) -> bool:
    red, _, blue = image.convert("RGB").getpixel(place)  # type: ignore[misc]  # three of an RGB
    return bool(red > blue)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_the_five_formats_become_two_sizes(kind: str) -> None:
    wide, thumb = make_renditions(saved(halves((1500, 1000)), kind))
    assert (wide.width, wide.height) == (1056, 704)
    assert (thumb.width, thumb.height) == (264, 198)
    assert is_red(opened(wide), (500, 10))
    assert not is_red(opened(thumb), (100, 190))


def test_a_photo_becomes_a_jpeg_and_a_drawing_a_png() -> None:
    assert {one.media_type for one in make_renditions(saved(noise((800, 600))))} == {"image/jpeg"}
    assert {one.media_type for one in make_renditions(saved(halves((800, 600)), "JPEG"))} == {"image/png"}


def test_a_photo_whose_transparency_hides_nothing_is_a_jpeg() -> None:
    assert {one.media_type for one in make_renditions(saved(noise((200, 150), "RGBA")))} == {"image/jpeg"}


def test_nothing_is_blown_up() -> None:
    wide, thumb = make_renditions(saved(noise((200, 90))))
    assert (wide.width, wide.height) == (200, 90)
    assert (thumb.width, thumb.height) == (120, 90)


def test_a_tower_is_cropped_from_above() -> None:
    wide, _ = make_renditions(saved(halves((600, 6000))))
    assert (wide.width, wide.height) == (600, 900)
    assert is_red(opened(wide), (300, 890))


def test_a_strip_is_left_a_strip() -> None:
    wide, _ = make_renditions(saved(noise((6000, SMALLEST))))
    assert (wide.width, wide.height) == (1056, 8)


def test_it_is_turned_as_its_exif_says_and_the_exif_is_gone() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[1] = "N"  # where it was taken
    content = saved(halves((900, 600)), "JPEG", exif=exif, comment=b"a secret")
    for one in make_renditions(content):
        image = opened(one)
        assert not is_red(image, (10, 10))
        assert not image.getexif()
        assert b"camera" not in one.content
        assert b"secret" not in one.content


@pytest.mark.parametrize("image", [noise((300, 200)), halves((300, 200))], ids=["photo", "drawing"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_no_metadata_comes_along(kind: str, image: Image.Image) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta>home</x:xmpmeta>"
    content = saved(image, kind, icc_profile=profile, xmp=xmp, comment=b"a secret", dpi=(300, 300))
    for one in make_renditions(content):
        assert set(opened(one).info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
        }
        assert b"xmpmeta" not in one.content
        assert b"secret" not in one.content


def test_a_profile_that_is_none_does_no_harm() -> None:
    assert len(make_renditions(saved(halves((300, 200)), "PNG", icc_profile=b"\0" * 200))) == 2


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (300, 200), colour) for colour in (RED, BLUE, BLUE)]
    wide, _ = make_renditions(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    image = opened(wide)
    assert is_red(image, (100, 100))
    assert getattr(image, "n_frames", 1) == 1


def test_sixteen_bits_of_grey_keep_their_tones() -> None:
    grey = Image.new("I;16", (300, 200), 0x8000)
    wide, _ = make_renditions(saved(grey))
    level = opened(wide).convert("L").getpixel((100, 100))
    assert level == pytest.approx(0x80, abs=2)


def test_cmyk_becomes_rgb() -> None:
    wide, _ = make_renditions(saved(halves((300, 200), "CMYK"), "JPEG"))
    assert opened(wide).mode in {"RGB", "P"}
    assert is_red(opened(wide), (10, 10))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "F", "YCbCr"])
def test_every_mode_is_understood(mode: str) -> None:
    kind = {"F": "TIFF", "YCbCr": "JPEG"}.get(mode, "PNG")
    content = saved(halves((300, 200)).convert(mode), kind)
    if kind == "TIFF":
        with pytest.raises(Unreadable, match="no JPEG"):
            make_renditions(content)
    else:
        assert len(make_renditions(content)) == 2


def test_what_is_transparent_stays_so_unless_it_weighs_too_much() -> None:
    logo = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    logo.paste((10, 20, 30, 255), (100, 50, 200, 150))
    assert {(one.media_type, opened(one).mode) for one in make_renditions(saved(logo))} == {("image/png", "RGBA")}
    heavy = noise((1200, 900), "RGBA")
    heavy.putalpha(Image.linear_gradient("L").resize(heavy.size))
    wide, thumb = make_renditions(saved(heavy))
    assert wide.media_type == "image/jpeg"
    assert len(thumb.content) <= MAX_PNG


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (16, 16), (SMALLEST - 1, 300)])
def test_icons_and_pixels_that_count_readers_are_no_pictures(size: tuple[int, int]) -> None:
    assert make_renditions(saved(noise(size))) == ()


def png_that_says(width: int, height: int) -> bytes:
    """A few bytes that unpack to any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000, 9))
    return b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(9_000, 5_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1), (40_000_001, 1)])
def test_pixel_bombs_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    with pytest.raises(Unreadable, match="more than 40 million pixels"):
        make_renditions(png_that_says(*size))


def test_the_photo_of_a_good_camera_is_no_bomb() -> None:
    content = saved(Image.new("L", (12_000, 9_000), 99), "JPEG")  # 108 million pixels
    assert [one.width for one in confine.render(content)] == [1056, 264]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!DOCTYPE html><p>Not found",
        b"%PDF-1.7\n",
        b"GIF89a",
        b"P6 100 100 255\n" + b"\0" * 30_000,
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"no JPEG, PNG, GIF, WebP or AVIF|damaged"):
        make_renditions(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_file_that_is_cut_off_is_refused(kind: str, part: float) -> None:
    whole = saved(noise((400, 300)), kind)
    with pytest.raises(Unreadable):
        make_renditions(whole[: int(len(whole) * part)])


WHOLE = {kind: saved(noise((90, 60)), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP")}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8))
def test_whatever_is_wrong_with_a_file_it_is_refused_or_a_whole_picture_comes_out(
    kind: str, spots: list[tuple[float, int]]
) -> None:
    content = bytearray(WHOLE[kind])
    for place, value in spots:
        content[int(place * len(content))] = value
    try:
        made = confine.render(bytes(content))
    except Unreadable:
        return
    for one in made:
        opened(one)


def test_the_same_file_gives_the_same_bytes() -> None:
    content = saved(noise((500, 400)), "JPEG")
    assert make_renditions(content) == confine.render(content)


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"renditions": [{"content": "AA=="}]},
        {"renditions": [{"content": "?", "media_type": "image/png", "width": 1, "height": 1}]},
        {"renditions": [{"content": "AA==", "media_type": "text/html", "width": 1, "height": 1}]},
    ],
)
def test_a_child_that_was_taken_over_cannot_make_us_serve_another_thing(reply: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match=CRASHED):
        confine._judge_renditions(reply)


def test_little_memory_is_an_error_in_words_and_not_the_end() -> None:
    with Pool(size=1, memory=150_000_000, seconds=20) as pool:
        with pytest.raises(Unreadable):
            pool.render(saved(Image.new("RGB", (7_000, 5_000), RED)))
        assert len(pool.render(saved(noise((100, 100))))) == 2
