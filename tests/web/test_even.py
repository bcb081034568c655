from hypothesis import given
from hypothesis import strategies as st

from digest.web.even import LEAST, MOST, REMEMBERED, Even
from digest.web.fence import EVEN_PAGES
from tests.web.conftest import Site
from tests.web.test_fence import routes


def test_answers_that_are_ready_soon_all_wait_for_the_same_time() -> None:
    even = Even()
    assert {even.answer_after(seconds) for seconds in (0.001, 0.049, 0.02, LEAST)} == {LEAST}


def test_after_a_slow_one_all_others_wait_as_long_until_it_is_forgotten() -> None:
    even = Even()
    even.answer_after(0.01)
    assert even.answer_after(0.13) == 0.2
    assert {even.answer_after(0.01) for _ in range(REMEMBERED - 1)} == {0.2}
    assert even.answer_after(0.01) == LEAST


def test_one_that_waited_for_the_database_keeps_nobody_waiting() -> None:
    even = Even()
    assert even.answer_after(20.0) == 20.0
    assert even.answer_after(0.01) == LEAST


@given(st.lists(st.floats(0, 30), min_size=1))
def test_nobody_is_answered_before_they_are_ready_nor_long_after(took: list[float]) -> None:
    even = Even()
    for seconds in took:
        assert seconds <= even.answer_after(seconds) <= max(seconds, MOST)


def test_every_page_that_asks_an_address_is_answered_so(site: Site) -> None:
    paths = {route.path for route in routes(site) if "POST" in (getattr(route, "methods", None) or ())}
    assert paths >= EVEN_PAGES
    for page in ("/subscribe", "/api/subscribe", "/lists/{name}", "/c/{token}/again", "/p/{token}", "/address/{token}"):
        assert page in EVEN_PAGES
