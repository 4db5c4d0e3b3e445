"""Orders: a centre asks named people or a crew to take a task, and they answer."""
