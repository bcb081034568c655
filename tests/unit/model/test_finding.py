from digest.model.finding import Finding, Severity, failures, sort_findings

BAD = Finding(Severity.FAILURE, "alt", "a picture has no alt text", "a.png")
SLIGHT = Finding(Severity.WARNING, "title", "there is no <title>")
ASIDE = Finding(Severity.NOTE, "clients", "margin works in part")


def test_the_worst_comes_first_and_what_is_the_same_is_told_once() -> None:
    again = Finding(Severity.FAILURE, "alt", "a picture has no alt text", "b.png")
    found = sort_findings([ASIDE, SLIGHT, BAD, again])
    assert [str(finding) for finding in found] == [
        "a picture has no alt text (a.png), 2 times",
        "there is no <title>",
        "margin works in part",
    ]


def test_only_failures_stop_a_mail() -> None:
    assert failures([SLIGHT, ASIDE]) == ()
    assert failures([ASIDE, BAD]) == (BAD,)
