"""The judgement of a walk: areas, clean tracks, measures, checks. Pure, all of it."""
