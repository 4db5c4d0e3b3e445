"""What makes a change to the book show: seals over entries, signed heads, proofs of inclusion."""
