"""Around a claim: waiting lists, leases, teams, members that a captain vouches for."""
