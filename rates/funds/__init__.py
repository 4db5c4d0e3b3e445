"""Funds of renminbi: opened, granted, and what is left of them."""
