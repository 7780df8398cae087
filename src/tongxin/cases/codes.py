"""Case codes (一案一码) and the personal links that let a resident act without an account."""

import base64
import hashlib
import hmac
import secrets
from datetime import date

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that a hand or an eye mixes up: no 0 O 1 I L
RANDOM_LENGTH = 6


def fresh(procedure: str, unit: str, day: date) -> str:
    """A new code such as DD-YY01-260305-K7M2QX5: procedure, unit, day, six random characters, check digit."""
    while True:
        drawn = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
        body = f"{procedure}-{unit}-{day:%y%m%d}-{drawn}"
        digit = str(mod_37_36.calc_check_digit(_bare(body)))
        if digit in ALPHABET:
            return body + digit


def read(typed: str) -> str | None:
    """A code as stored, from what somebody typed: case, spaces and dashes do not matter. None when it cannot be one."""
    bare = _bare(typed)
    if not bare.isascii() or len(bare) > 40:
        return None
    try:
        mod_37_36.validate(bare)
    except ValidationError:
        return None
    return bare


def bare(code: str) -> str:
    """A stored code without its dashes, as `read` gives it."""
    return _bare(code)


def link_token(secret: bytes, case_id: int, version: int) -> str:
    """The token of a case's personal link; raising the case's link version voids it."""
    return f"{case_id:x}.{_seal(secret, case_id, version)}"


def case_of_token(token: str) -> int | None:
    """The case a link token speaks of, not yet verified."""
    head, _, seal = token.partition(".")
    try:
        case_id = int(head, 16)
    except ValueError:
        return None
    return case_id if seal and 0 < case_id < 2**62 else None


def token_fits(secret: bytes, token: str, case_id: int, version: int) -> bool:
    """Whether the token was made by us for this case and version."""
    return hmac.compare_digest(token.encode(), link_token(secret, case_id, version).encode())


def form_token(case_id: int, once: str) -> str:
    """The token of the link a resident gets: made of their form, so that the residents' pages need no secret."""
    return f"{case_id:x}.{_lettered(hashlib.sha256(f'link of the form {once}'.encode()).digest())}"


def once_hash(once: str) -> str:
    """What is kept of a form's own token: it opens the case, so it is not written down itself."""
    return hashlib.sha256(once.encode()).hexdigest()[:40]


def link_hash(token: str) -> bytes:
    """What is kept of a link's token, for the database to tell it by."""
    return hashlib.sha256(token.encode()).digest()


def _bare(code: str) -> str:
    return "".join(character for character in code.upper() if character.isalnum())


def _seal(secret: bytes, case_id: int, version: int) -> str:
    mac = hmac.new(secret, f"case {case_id} link {version}".encode(), hashlib.sha256).digest()
    return _lettered(mac)


def _lettered(digest: bytes) -> str:
    return base64.b32encode(digest[:15]).decode().lower()
