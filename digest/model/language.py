"""The languages that our own words are in: those of mails' frames, and of pages. What others wrote keeps its own language."""

#: What readers can choose from, and its name in itself. For another one: a line here, and digest/words/catalogues/TAG.po.
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français", "ar": "العربية"}
OTHERWISE = "en"


def closest_language(tag: str) -> str | None:
    """The one of LANGUAGES that a tag (BCP 47) names, whatever its region or script."""
    language = tag.strip().lower().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else None


def frame_language(*wishes: str) -> str:
    """The first of some tags that is one of ours, the strongest wish first; "" is none. English when there is none."""
    return next((known for tag in wishes if (known := closest_language(tag))), OTHERWISE)


def name_languages() -> str:
    """`en (English), de (Deutsch) …`, for the sentence that refuses another one."""
    return ", ".join(f"{tag} ({name})" for tag, name in LANGUAGES.items())
