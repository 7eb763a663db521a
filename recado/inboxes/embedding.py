"""What a website includes to have the chat, and the colour it has there. Pure."""

import re
from typing import Final

from recado.inboxes.models import Inbox

COLOUR: Final = "#4f46c8"
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


def is_colour(text: str) -> bool:
    """Whether this is a colour as #rrggbb."""
    return _HEX.fullmatch(text) is not None


def colour_of(inbox: Inbox) -> str:
    """The colour of the bubble: the inbox's own as #rrggbb, else ours."""
    chosen = str(inbox.settings.get("widget_color") or "")
    return chosen.lower() if is_colour(chosen) else COLOUR


def snippet(public_url: str, inbox: Inbox) -> str:
    """What a website puts before `</body>`."""
    return _SNIPPET % {"url": public_url, "token": inbox.identifier}


_SNIPPET: Final = """<script>
(function (d, t) {
  var base = "%(url)s", g = d.createElement(t), s = d.getElementsByTagName(t)[0];
  g.src = base + "/packs/js/sdk.js";
  g.defer = true;
  g.async = true;
  s.parentNode.insertBefore(g, s);
  g.onload = function () {
    window.chatwootSDK.run({ websiteToken: "%(token)s", baseUrl: base });
  };
})(document, "script");
</script>"""
