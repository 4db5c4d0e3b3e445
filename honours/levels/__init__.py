"""Levels, and the weekly streaks that show beside them; neither is worth coins."""
