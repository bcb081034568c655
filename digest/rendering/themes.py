"""Which themes there are: ours, and those in an operator's own folder of templates. Light, so that commands may ask."""

from pathlib import Path

from digest.model.errors import BadInput
from digest.model.mailing_list import FRONT_PAGE, is_theme_name

THEMES = "_themes"


def find_shipped_templates() -> Path:
    """The folder of our own templates: inside the package in an installed wheel, at the root in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "templates" / "email"
    return installed if installed.is_dir() else package.parent / "templates" / "email"


def list_themes(own_templates: Path | None = None) -> list[str]:
    """The names that a list's theme may have."""
    folders = [folder / THEMES for folder in (own_templates, find_shipped_templates()) if folder]
    found = (theme.name for folder in folders if folder.is_dir() for theme in folder.iterdir() if theme.is_dir())
    return [FRONT_PAGE, *sorted({name for name in found if is_theme_name(name)} - {FRONT_PAGE})]


def check_theme(theme: str, own_templates: Path | None = None) -> None:
    """Raises BadInput for a theme that there is not."""
    if theme not in (themes := list_themes(own_templates)):
        raise BadInput(f"There is no theme {theme!r}; there are {', '.join(themes)}.")
