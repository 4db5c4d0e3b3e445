"""The torture: a real replica set and many posters, killed at work; then the book is reckoned up.

`python3 dev.py torture` starts it. `running` is the whole; `tormenting` kills, stops and restarts;
`posting` is one posting process, `deeds` what it does, `journals` what it was told; `reckoning`
holds what was told against the book. Which deeds and which blows follow from one printed seed;
when each falls is for the machine to say.
"""
