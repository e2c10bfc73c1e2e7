"""A member's own data: consents, snapshots and changes."""
