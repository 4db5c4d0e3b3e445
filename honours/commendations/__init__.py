"""Commendations and brave deeds: nominated, checked, awarded, and public by consent alone."""
