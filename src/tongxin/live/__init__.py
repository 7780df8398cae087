"""Live updates: what a transaction changed is announced after its commit and heard by those who look at it."""

from tongxin.live.announcer import announcing, changed
from tongxin.live.listener import Listener, Subscriber, TooMany
from tongxin.live.stopping import ending_on_signals
from tongxin.live.topics import AGAIN, is_of_sign_ins, of_account, of_case, of_pool, of_sign_ins, told

__all__ = [
    "AGAIN",
    "Listener",
    "Subscriber",
    "TooMany",
    "announcing",
    "changed",
    "ending_on_signals",
    "is_of_sign_ins",
    "of_account",
    "of_case",
    "of_pool",
    "of_sign_ins",
    "told",
]
