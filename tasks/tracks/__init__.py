"""Tracks: positions as they come in, packed into chunks, kept once, read again, let go."""
