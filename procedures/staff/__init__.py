"""Staff accounts: roles, and later second factor, throttling and invitations. Never here: what the public sees."""
