"""Quests: verified work of several kinds or places in a span of time, and who took its steps."""
