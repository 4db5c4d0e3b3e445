"""Cheats made from honest walks, seeded, to hold the judgement against."""
