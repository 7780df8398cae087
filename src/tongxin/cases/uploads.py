"""Files that come with a form: read, checked, stored, and entered as attachments."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from tongxin import clock, files, forms
from tongxin.cases.models import Attachment

Uploaded = tuple[str, bytes]
"""A file's name as the browser said it, and its content."""


def keep(
    session: Session,
    store: files.Store,
    content: files.Content,
    uploaded_by: int | None,
    offered_to: int | None = None,
) -> Attachment:
    """Store a file and enter it; it belongs to no case until a step hands it in.

    `offered_to`: the case whose resident sends it, who may look at it meanwhile.
    """
    row = Attachment(
        id=secrets.randbelow(10**18),  # a resident has no account: whoever knows the id may hand the file in
        name=content.name,
        media_type=content.media_type,
        size=len(content.data),
        sha256=store.put(content),
        uploaded_by=uploaded_by,
        offered_to=offered_to,
        uploaded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def ids_in(form: forms.Form, values: Mapping[str, Any]) -> list[int]:
    """The files that values name, whoever gave them."""
    return [int(one) for one in forms.file_ids(form, values) if one.isascii() and one.isdecimal() and len(one) < 19]


def kept_names(
    session: Session, form: forms.Form, values: Mapping[str, Any], uploaded_by: int | None
) -> dict[str, str]:
    """Id → name of the files a form holds that are in no case yet: a resident has no address to see those at."""
    ids = ids_in(form, values)
    if not ids:
        return {}
    free = select(Attachment).where(col(Attachment.id).in_(ids), col(Attachment.case_id).is_(None))
    return {str(row.id): row.name for row in session.exec(free) if row.uploaded_by == uploaded_by}


def named(
    session: Session, form: forms.Form, values: Mapping[str, Any], uploaded_by: int | None = None
) -> dict[str, Sequence[forms.Choice]]:
    """Field → its documents by name: those handed in, and those this account has uploaded. Ids cannot be guessed."""
    wanted = [field for field in form.fields if field.widget == "file" and values.get(field.name)]
    if not wanted:
        return {}
    rows = session.exec(select(Attachment).where(col(Attachment.id).in_(ids_in(form, values)))).all()
    names = {str(row.id): row.name for row in rows if row.case_id or (uploaded_by and row.uploaded_by == uploaded_by)}
    return {
        field.name: [forms.Choice(one, names[one]) for one in map(str, values[field.name]) if one in names]
        for field in wanted
        if isinstance(values[field.name], list)
    }


def take_files(
    session: Session,
    store: files.Store,
    form: forms.Form,
    uploaded: Mapping[str, Sequence[Uploaded]],
    values: dict[str, Any],
    uploaded_by: int | None,
    offered_to: int | None = None,
) -> tuple[forms.Error, ...]:
    """Enter the form's new files beside those it already had; what cannot be taken is an error at its field."""
    errors = []
    for field in form.fields:
        if field.widget not in forms.FILES or not field.is_writable:
            continue
        for name, data in uploaded.get(field.name, ()):
            try:
                content = _read(field, name, data)
            except files.FileRefused as refused:
                errors.append(forms.Error(field.name, str(refused)))
                continue
            one = str(keep(session, store, content, uploaded_by, offered_to).id)
            values[field.name] = _with(field, values.get(field.name), one)
    return tuple(errors)


def _read(field: forms.Field, name: str, data: bytes) -> files.Content:
    if field.widget == "file":
        return files.read_any(name, data, field.schema.get("x-accept", files.KINDS))
    return files.read_signature(name, data) if field.widget == "signature" else files.read_photo(name, data)


def _with(field: forms.Field, value: Any, one: str) -> Any:
    if field.widget == "signature":
        return {"file": one}
    return [*(value if isinstance(value, list) else []), one]


def fits(field: forms.Field, row: Attachment) -> bool:
    """Whether a stored file is of a kind the field takes."""
    kind = files.kind_of(row.media_type)
    return kind in field.schema.get("x-accept", files.KINDS) if field.widget == "file" else kind == "image"
