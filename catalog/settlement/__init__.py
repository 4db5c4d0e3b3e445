"""Settlement: a point's day closes into a statement, which it confirms and is paid for."""
