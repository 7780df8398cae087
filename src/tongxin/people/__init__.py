"""Units, accounts, posts, sign-in, and who may act where."""
