"""What every route shares: the transaction, who is asking, what was posted, how pages are rendered."""
