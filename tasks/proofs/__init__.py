"""What is shown beside the walk: photos, hand-outs, a duty log, attendance, a test."""
