"""What a form may not ask or tell, said when it is published."""

import json
from typing import Any

import pytest

from tests.procedures.packages import orders
from tongxin.procedures.definition import Refused, compile_package


def changed(form: str, **added: Any) -> dict[str, str]:
    """The orders with a form changed."""
    package = dict(orders())
    content = json.loads(package[f"forms/{form}.json"])
    properties = {**content["properties"], **added.pop("properties", {})}
    package[f"forms/{form}.json"] = json.dumps({**content, **added, "properties": properties}, ensure_ascii=False)
    return package


@pytest.mark.parametrize(
    ("package", "said"),
    [
        (
            changed("withdrawn", properties={"photos": {"$ref": "../data.json#/properties/photos"}}),
            "“撤单”按钮的表单里不能交照片、附件和签名：“照片”",
        ),
        (changed("check", title="给 {{ phone }} 回电"), "表单的标题或说明里有要遮盖的“phone”"),
        (changed("check", description="{{ reporter_name }}报的"), "表单的标题或说明里有要遮盖的“reporter_name”"),
        (changed("check", required=[["decision"]]), "的 required 应为列表"),
    ],
)
def test_it_is_refused(package: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        compile_package(package)
