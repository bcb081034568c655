"""Whether two pictures look the same to a person, though machines draw letters a hair differently."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageStat

REDUCED = 4  # each so many pixels wide a square is one: what is left of a letter is its greyness
MOST_HEIGHT = 0.02  # of the height: a line more in a long page
MOST_MEAN = 3.5  # of 255, over the whole picture
SEEN = 40  # of 255: a difference that one sees
MOST_SEEN = 0.001  # of the picture


@dataclass(frozen=True)
class Difference:
    heights: tuple[int, int]
    mean: float  # of 255
    seen: float  # share of the picture

    @property
    def small(self) -> bool:
        before, now = self.heights
        return abs(now - before) <= before * MOST_HEIGHT and self.mean <= MOST_MEAN and self.seen <= MOST_SEEN

    def __str__(self) -> str:
        before, now = self.heights
        taller = "" if before == now else f"it is {now} pixels tall and was {before}; "
        return f"{taller}{self.seen:.2%} of it differs visibly, by {self.mean:.2f} of 255 on the whole"


def compare(golden: Image.Image, taken: Image.Image) -> Difference:
    apart = _apart(golden, taken)
    histogram = apart.histogram()
    seen = sum(histogram[SEEN:]) / max(1, apart.width * apart.height)
    return Difference((golden.height, taken.height), ImageStat.Stat(apart).mean[0], seen)


def show(golden: Image.Image, taken: Image.Image) -> Image.Image:
    """Before, now, and where they differ (black on white), beside each other."""
    apart = ImageChops.invert(_apart(golden, taken)).resize((taken.width, min(golden.height, taken.height)))
    sheet = Image.new("RGB", (golden.width + 2 * taken.width + 20, max(golden.height, taken.height)), "#808080")
    for left, each in zip((0, golden.width + 10, golden.width + taken.width + 20), (golden, taken, apart), strict=True):
        sheet.paste(each, (left, 0))
    return sheet


def _apart(golden: Image.Image, taken: Image.Image) -> Image.Image:
    """In grey, the largest difference of the three colours at each place that both have."""
    size = (min(golden.width, taken.width), min(golden.height, taken.height))
    one, other = (picture.convert("RGB").crop((0, 0, *size)).reduce(REDUCED) for picture in (golden, taken))
    red, green, blue = ImageChops.difference(one, other).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)
