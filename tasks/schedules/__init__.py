"""Schedules: rules that publish tasks ahead, and calendars to read them in."""
