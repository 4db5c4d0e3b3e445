"""Tasks near a position: answered from memory while that is fresh, else by MongoDB, both alike."""
