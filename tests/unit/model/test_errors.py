from digest.model.errors import BadInput


def test_an_error_is_its_sentence_and_keeps_the_values_apart() -> None:
    error = BadInput("There is no list named %(name)s.", name="'x%'")
    assert str(error) == "There is no list named 'x%'."
    assert (error.sentence, error.values) == ("There is no list named %(name)s.", {"name": "'x%'"})


def test_without_values_a_sentence_is_taken_as_it_is() -> None:
    assert str(BadInput("100% of it, %(even)s this")) == "100% of it, %(even)s this"
