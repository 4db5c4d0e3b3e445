"""The fixtures of tests/tasks/orders/crew_world.py."""

from crew_world import guard

__all__ = ["guard"]
