"""Which connector carries what, by the installation's settings; in a demo also by what was switched on its page."""

from collections.abc import Mapping

from tongxin.config import Settings
from tongxin.connectors import Connector, demo, failing, office_webhook

BY_NAME: dict[str, Connector] = {"demo": demo, "failing": failing, "office_webhook": office_webhook}
TWINS: Mapping[str, Connector] = {"demo": demo, "failing": failing}
NOTICES = "office_webhook"
"""What notices are posted by."""


def for_notices(settings: Settings, twin: str | None = None) -> Connector | None:
    """Where notices go besides the page: the office's messenger, the demo's stand-in, or nowhere."""
    if settings.demo and twin is None and settings.office_webhook == "failing:":
        return failing
    if not settings.demo and not settings.office_webhook:
        return None
    return for_action(NOTICES, settings, twin)


def for_action(action: str, settings: Settings, twin: str | None = None) -> Connector | None:
    """The connector behind a diagram's action. In a demo its twin, or a stand-in for one that is not set up."""
    known = BY_NAME.get(action)
    if known is None or not settings.demo:
        return known
    if twin is not None:
        return TWINS[twin]
    return known if known.check_config(settings) is None else demo
