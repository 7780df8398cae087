"""Personal links: the one the house makes for a case and hands over, and the one a resident's own form was given."""

import hmac

from sqlalchemy import select, update
from sqlmodel import Session, col

from tongxin import config
from tongxin.cases import codes
from tongxin.cases.models import Case

AT_ONCE = 200


def fits(case: Case, token: str) -> bool:
    """Whether the token is of one of the case's links."""
    if case.form_hash is not None and hmac.compare_digest(codes.link_hash(token), case.form_hash):
        return True
    return codes.token_fits(config.settings().secret, token, case.id, case.link_version)


def of(session: Session, case: Case) -> str:
    """The token to hand over, which the residents' pages know from now on."""
    token = codes.link_token(config.settings().secret, case.id, case.link_version)
    if case.link_hash is None:
        _make_known(session, case.id, case.link_version)
    return token


def make_some_known(session: Session) -> bool:
    """Links of earlier cases, and of those residents opened, told to the database; whether there may be more."""
    unknown = select(col(Case.id), col(Case.link_version)).where(col(Case.link_hash).is_(None)).limit(AT_ONCE)
    rows = session.execute(unknown.with_for_update(skip_locked=True)).all()  # nobody at work waits for this
    for case_id, version in rows:
        _make_known(session, case_id, version)
    return len(rows) == AT_ONCE


def _make_known(session: Session, case_id: int, version: int) -> None:
    token = codes.link_token(config.settings().secret, case_id, version)
    same = (col(Case.id) == case_id, col(Case.link_version) == version)
    session.execute(
        update(Case).where(*same).values(link_hash=codes.link_hash(token)).execution_options(synchronize_session=False)
    )
