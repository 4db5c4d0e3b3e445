"""Badges as data: what earns one, who holds it, and what is given or revoked by hand."""
