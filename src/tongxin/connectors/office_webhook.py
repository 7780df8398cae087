"""Posts notices to an office messenger's webhook (enterprise chat robots take such a JSON text message)."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tongxin.config import Settings
from tongxin.connectors import CallFailed
from tongxin.words import _

TIMEOUT_SECONDS = 10


def check_config(settings: Settings) -> str | None:
    """It needs an address."""
    url = settings.office_webhook
    if not url:
        return _("没有设置 TONGXIN_OFFICE_WEBHOOK（办公通讯软件机器人的地址）。")
    return None if url.startswith(("https://", "http://")) else _("TONGXIN_OFFICE_WEBHOOK 应以 https:// 开头。")


def call(settings: Settings, given: Mapping[str, Any], key: str) -> Any:
    """Post `given["text"]` to the robot; the key lets the other side drop a repetition."""
    body = json.dumps({"msgtype": "text", "text": {"content": given["text"]}, "to": given.get("to")}).encode()
    request = Request(
        str(settings.office_webhook),
        body,
        {"Content-Type": "application/json", "Idempotency-Key": key},
    )
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return {"status": answer.status}
    except (URLError, TimeoutError, ConnectionError) as error:
        raise CallFailed(_("没有发出去：{error}", error=error)) from error
