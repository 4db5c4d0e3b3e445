"""The proof of the book: everything stored is replayed from the entries and compared."""
