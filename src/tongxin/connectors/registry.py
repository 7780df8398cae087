"""Which connector carries what, by the installation's settings."""

from tongxin.config import Settings
from tongxin.connectors import Connector, demo, failing, office_webhook

BY_NAME: dict[str, Connector] = {"demo": demo, "failing": failing, "office_webhook": office_webhook}


def for_notices(settings: Settings) -> Connector | None:
    """Where notices go besides the page: the office's messenger, the demo's stand-in, or nowhere."""
    if settings.office_webhook == "failing:" and settings.demo:
        return failing
    if settings.office_webhook:
        return office_webhook
    return demo if settings.demo else None


def for_action(action: str) -> Connector | None:
    """The connector behind a diagram's action, such as "demo" or "failing"."""
    return BY_NAME.get(action)
