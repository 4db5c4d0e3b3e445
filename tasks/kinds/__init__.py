"""Kinds of task as data: what each checks, proves, asks of claimers and of reviewers."""
