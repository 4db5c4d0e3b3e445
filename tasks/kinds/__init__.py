"""Kinds of task as data: what each asks, who may claim it, what a reviewer must do."""
