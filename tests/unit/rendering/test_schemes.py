"""A mail that was told whether it is dark."""

from digest.rendering.schemes import in_scheme

MAIL = """<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a } @media (prefers-color-scheme:light) and (min-width: 9px) { b }
</style><p>light dark (prefers)</p>"""


def test_it_makes_up_its_mind() -> None:
    dark, light = in_scheme(MAIL, dark=True), in_scheme(MAIL, dark=False)
    assert "prefers-color-scheme" not in dark + light
    assert "@media (min-width: 0) { a } @media (max-width: 0) and (min-width: 9px) { b }" in dark
    assert "@media (max-width: 0) { a } @media (min-width: 0) and (min-width: 9px) { b }" in light
    assert dark.count("color-scheme: dark") == 1
    assert dark.count('content="dark"') == 2
    assert "<p>light dark (prefers)</p>" in dark
