"""The fixtures of tests/tasks/schedules/school_world.py."""

from school_world import school

__all__ = ["school"]
