"""The proof of the catalogue: stocks, vouchers, codes and statements held against the book."""
