"""The page of segments: rows without a script, a count, and what is saved."""

from tests.web.admin.conftest import Office

ROWS = {"field": ["domain", "joined"], "compare": ["is", "since"], "value": ["town.example", "30 days"]}


def test_a_segment_is_built_row_by_row_counted_and_saved(office: Office) -> None:
    seat = office.seat()
    office.world.subscribe(2)
    office.world.subscribe_one("ann@town.example")
    assert seat.get("/desk/segments").text.count('name="value"') == 1
    assert seat.get("/desk/segments", params=ROWS | {"act": "row"}).text.count('name="value"') == 3
    assert "<strong>1</strong>" in seat.get("/desk/segments", params=ROWS | {"act": "count"}).text
    wrong = ROWS | {"value": ["town.example", "soon"], "act": "count"}
    assert "is a day (2026-11-23)" in seat.get("/desk/segments", params=wrong).text
    assert seat.post("/desk/segments", data=ROWS).status_code == 422
    assert seat.post("/desk/segments", data=ROWS | {"name": "Town"}).status_code == 303
    assert seat.post("/desk/segments", data=ROWS | {"name": "Town"}).status_code == 422
    page = seat.get("/desk/segments/1").text
    assert "domain is town.example and joined since 30 days" in page
    assert "<strong>1</strong>" in page
    assert "ann@town.example" in seat.get("/desk/readers?segment=1").text
    assert "reader0@example.org" not in seat.get("/desk/readers?segment=1").text
    assert seat.post("/desk/segments/1/remove").status_code == 303
    assert seat.get("/desk/segments/1").status_code == 404
    record = seat.get("/desk/record").text
    assert record.count("segment changed") == 2


def test_what_is_typed_is_escaped(office: Office) -> None:
    said = {"name": "<script>x</script>", "field": ["topic"], "compare": ["is"], "value": ["<b>x</b>"]}
    seat = office.seat()
    assert seat.post("/desk/segments", data=said).status_code == 303
    assert "<script>x" not in (page := seat.get("/desk/segments").text)
    assert "<b>x" not in page
