"""Certificates of service: made from verified work, signed, printed, verified by anybody."""
