"""Providers: who delivers top-ups, and what is known of each delivery until it has one outcome."""
