"""Who gets an account. No HTTP, no SAML parsing: facts in, one decision out, one transaction."""
