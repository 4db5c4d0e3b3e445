"""Budgets in coins: granted, set aside by quarters, drawn from in slices, moved, and watched."""
