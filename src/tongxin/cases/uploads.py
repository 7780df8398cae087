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


def kept_names(
    session: Session, form: forms.Form, values: Mapping[str, Any], uploaded_by: int | None
) -> dict[str, str]:
    """Id → name of the files a form holds that are in no case yet: a resident has no address to see those at."""
    given = [one for field in form.fields if field.widget == "photo" for one in values.get(field.name) or ()]
    ids = [int(one) for one in given if isinstance(one, str) and one.isascii() and one.isdecimal() and len(one) < 19]
    if not ids:
        return {}
    free = select(Attachment).where(col(Attachment.id).in_(ids), col(Attachment.case_id).is_(None))
    return {str(row.id): row.name for row in session.exec(free) if row.uploaded_by == uploaded_by}


def take_photos(
    session: Session,
    store: files.Store,
    form: forms.Form,
    uploaded: Mapping[str, Sequence[Uploaded]],
    values: dict[str, Any],
    uploaded_by: int | None,
    offered_to: int | None = None,
) -> tuple[forms.Error, ...]:
    """Enter the form's new photos beside those it already had; what cannot be taken is an error at its field."""
    errors = []
    for field in form.fields:
        if field.widget != "photo" or not uploaded.get(field.name):
            continue
        kept = list(values.get(field.name) or [])
        for name, data in uploaded[field.name]:
            try:
                content = files.read_photo(name, data)
            except files.FileRefused as refused:
                errors.append(forms.Error(field.name, str(refused)))
                continue
            kept.append(str(keep(session, store, content, uploaded_by, offered_to).id))
        values[field.name] = kept
    return tuple(errors)
