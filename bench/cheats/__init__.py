"""Made-up cheats: seeded, pure, from walks that honest people walked to what a cheat sends in."""
