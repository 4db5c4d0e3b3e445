"""Suspicion: a score with named signals that sends a walk to a person, and punishes nobody."""
