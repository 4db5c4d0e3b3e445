"""The fixtures of tests/tasks/street.py, for every test of the room."""

from street import draft, published, town, volunteer

__all__ = ["draft", "published", "town", "volunteer"]
