"""Phones and their apps: credentials, wire formats, the inbox of single fixes."""
