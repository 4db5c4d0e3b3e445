"""Benchmarks: `python3 dev.py bench NAME --json` runs bench/NAME.py; what they share is in parts/.

Each prints ratios measured in one run, never a bare figure of one machine. No test asserts one.
"""
