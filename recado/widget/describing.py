"""What a website chat looks like before anybody writes: colour, words, position. Pure."""

from typing import Any, Final

from recado.inboxes.embedding import colour_of
from recado.inboxes.models import Inbox

_DARK_INK: Final = "#15131f"
_LIGHT_INK: Final = "#ffffff"


def ink_on(colour: str) -> str:
    """Black or white, whichever is read more easily on a colour #rrggbb (WCAG 2.2, 1.4.3)."""
    light = _luminance(colour)
    on_white = 1.05 / (light + 0.05)
    on_dark = (light + 0.05) / (_luminance(_DARK_INK) + 0.05)
    return _LIGHT_INK if on_white >= on_dark else _DARK_INK


def appearance(inbox: Inbox) -> dict[str, Any]:
    """What the frame and the bubble are drawn with."""
    colour = colour_of(inbox)
    return {
        "colour": colour,
        "ink": ink_on(colour),
        "position": "left" if inbox.settings.get("widget_position") == "left" else "right",
        "title": inbox.settings.get("welcome_title") or "",
        "tagline": inbox.settings.get("welcome_tagline") or "",
    }


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
