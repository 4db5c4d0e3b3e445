"""Pools of codes: film tickets and the like, imported by file, each given once, opened once."""
