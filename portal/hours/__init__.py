"""The append-only ledger of service minutes."""
