"""At the counter: the QR that a phone shows, looks and scans, the points' keys, offline queues."""
