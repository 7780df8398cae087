"""What a command answers when it cannot do what was asked."""


class Refusal(Exception):
    """An operator's command that cannot be done; the message says why and what to do."""
