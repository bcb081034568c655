"""Charts: as long as what they show, and escaped."""

import re

from digest.web.admin.charts import Row, Share, draw_bar, draw_days, draw_rows


def lengths(drawn: str, colour: str, side: str = "width") -> list[float]:
    return [float(each) for each in re.findall(rf'class="{colour}"[^>]* {side}="([\d.]+)', drawn)]


def test_a_bar_is_as_long_as_its_shares() -> None:
    drawn = draw_bar([Share("accepted", 75, "good"), Share("bounced", 25, "bad")], 100)
    assert lengths(drawn, "good") == [75]
    assert lengths(drawn, "bad") == [25]


def test_nothing_of_nothing_is_drawn() -> None:
    assert lengths(draw_bar([Share("accepted", 0, "good")], 0), "good") == []
    assert "NaN" not in draw_rows([Row("none", (Share("a", 0),))])
    assert lengths(draw_days([0, 0]), "accent", "height") == [1, 1]  # a line on the ground


def test_the_longest_row_and_the_tallest_day_take_all_the_room() -> None:
    rows = lengths(draw_rows([Row("a", (Share("x", 10, "good"),)), Row("b", (Share("x", 5, "good"),))]), "good")
    assert rows[0] == 2 * rows[1]
    days = lengths(draw_days([4, 2]), "accent", "height")
    assert days[0] == 2 * days[1]


def test_a_strangers_domain_is_escaped() -> None:
    assert "<script" not in draw_rows([Row("<script>", (Share("x", 1),))])
