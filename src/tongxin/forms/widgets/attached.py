"""What is handed in as a file: photos, documents, a signature. Values hold the ids of uploaded files."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tongxin.feel import Value
from tongxin.forms.model import Choice, Field, Problem
from tongxin.forms.widgets.widget import Widget, label_of, refuse_strange_characters
from tongxin.words import N_, _

_ID_LONGEST = 200
_MOST_ITEMS = 9
_NAME_LONGEST = 40
FILE_KINDS: Mapping[str, tuple[str, str]] = {  # what an office hands in -> in words, and the endings of its names
    "pdf": ("PDF", ".pdf"),
    "ofd": ("OFD", ".ofd"),
    "word": (N_("Word 或 WPS 文档"), ".docx,.doc,.wps"),
    "sheet": (N_("Excel 或 WPS 表格"), ".xlsx,.xls,.et"),
    "slides": (N_("演示文稿"), ".pptx,.ppt,.dps"),
    "text": (N_("文本文件"), ".txt,.csv"),
    "image": (N_("照片"), "image/*"),
}


class Photo(Widget):
    ask = N_("请上传{title}")
    control = "photos"
    many = True
    keeps_files = True

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        if not isinstance(value, list) or not all(isinstance(item, str) and len(item) <= _ID_LONGEST for item in value):
            raise Problem(self.not_uploaded(field))
        most = field.schema.get("maxItems", _MOST_ITEMS)
        if len(value) > most:
            raise Problem(self.too_many(field, most))
        fewest = field.schema.get("minItems", 0)
        if len(value) < fewest:
            raise Problem(self.too_few(field, fewest))
        for item in value:
            refuse_strange_characters(item)
        return list(dict.fromkeys(value))

    def not_uploaded(self, field: Field) -> str:
        return _("{title}应为已上传的照片", title=field.title)

    def too_many(self, field: Field, most: int) -> str:
        return _("{title}最多 {n} 张，请删去几张", title=field.title, n=most)

    def too_few(self, field: Field, fewest: int) -> str:
        return _("{title}至少 {n} 张", title=field.title, n=fewest)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        return _("{n} 张", n=len(value)) if isinstance(value, list) else ""

    def attributes(self, field: Field) -> dict[str, str]:
        return {"accept": "image/*", "data-most": str(field.schema.get("maxItems", _MOST_ITEMS))}

    def files(self, value: Value) -> list[str]:
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


class File(Photo):
    """Documents of the kinds `x-accept` names, of all kinds without it."""

    control = "files"

    def accepted(self, field: Field) -> Sequence[str]:
        return [kind for kind in FILE_KINDS if kind in field.schema.get("x-accept", FILE_KINDS)]

    def hint(self, field: Field) -> str:
        kinds = _("、").join(_(FILE_KINDS[kind][0]) for kind in self.accepted(field))
        most = field.schema.get("maxItems", _MOST_ITEMS)
        return _("可以传{kinds}；最多 {n} 个，每个 20 MB 以内。", kinds=kinds, n=most)

    def not_uploaded(self, field: Field) -> str:
        return _("{title}应为已上传的文件", title=field.title)

    def too_many(self, field: Field, most: int) -> str:
        return _("{title}最多 {n} 个文件，请去掉几个", title=field.title, n=most)

    def too_few(self, field: Field, fewest: int) -> str:
        return _("{title}至少 {n} 个文件", title=field.title, n=fewest)

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        if isinstance(value, str):
            return label_of(value, choices, _("文件"))
        return _("{n} 个文件", n=len(value)) if isinstance(value, list) else ""

    def attributes(self, field: Field) -> dict[str, str]:
        return {"accept": ",".join(FILE_KINDS[kind][1] for kind in self.accepted(field))}


class Signature(Photo):
    """One's name as a picture, or, where `x-typed` allows it, typed and confirmed.

    Values are {"file": id} or {"name": text, "confirmed": true}; checked, with the moment as `at`.
    """

    ask = N_("请签名：{title}")
    control = "signature"
    many = False

    def parsed(self, field: Field, sent: Mapping[str, list[str]]) -> Value:
        kept = [one for one in sent.get(field.name, ()) if one.strip()]
        name = "".join(sent.get(f"{field.name}:name", ())[-1:]).strip()
        if kept:
            return {"file": kept[-1]}
        return {"name": name, "confirmed": bool(sent.get(f"{field.name}:confirmed"))} if name else None

    def check(self, field: Field, value: Value, now: datetime) -> Value:
        given = value if isinstance(value, Mapping) else {}
        if not given or not given.keys() <= {"file", "name", "confirmed", "at"}:
            raise Problem(_("{title}应为签名", title=field.title))
        moment = now.isoformat(timespec="seconds")
        one, name = given.get("file"), given.get("name")
        if isinstance(one, str) and 0 < len(one) <= _ID_LONGEST and name is None:
            refuse_strange_characters(one)
            return {"file": one, "at": moment}
        if not field.schema.get("x-typed") or not isinstance(name, str) or one is not None:
            raise Problem(_("请在框里签名，或上传签名的照片：{title}", title=field.title))
        if not 0 < len(name.strip()) <= _NAME_LONGEST:
            raise Problem(_("{title}：姓名最多 {n} 字", title=field.title, n=_NAME_LONGEST))
        refuse_strange_characters(name)
        if given.get("confirmed") is not True:
            raise Problem(_("请勾选“本人确认”，或改为手写签名：{title}", title=field.title))
        return {"name": name.strip(), "confirmed": True, "at": moment}

    def text(self, field: Field, value: Value) -> str:
        return "".join(self.files(value))

    def display(self, field: Field, value: Value, choices: Sequence[Choice]) -> str:
        if not isinstance(value, Mapping):
            return ""
        name, moment = value.get("name"), str(value.get("at", ""))[:16].replace("T", " ")
        said = _("{name}（本人确认）", name=name) if name else _("已签名")
        return _("{said} {time}", said=said, time=moment).strip()

    def attributes(self, field: Field) -> dict[str, str]:
        return {"accept": "image/*"}

    def files(self, value: Value) -> list[str]:
        one = value.get("file") if isinstance(value, Mapping) else None
        return [one] if isinstance(one, str) else []
