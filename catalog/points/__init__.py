"""Redemption points: when they are open, how far they are, what their shelves really hold."""
