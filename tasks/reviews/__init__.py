"""Who looks at a walk after the machine: reviewers, second looks, appeals, withdrawals."""
