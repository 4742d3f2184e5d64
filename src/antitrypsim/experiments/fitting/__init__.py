"""One's own small trial or cohort updates what is unknown of the population."""
