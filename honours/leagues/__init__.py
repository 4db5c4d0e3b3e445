"""Leagues of units: what they compete by, seasons, published ranks, and own places."""
