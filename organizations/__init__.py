"""What a customer has: its people, domains, connection, entitlements, sessions, and the audit log of it all."""
