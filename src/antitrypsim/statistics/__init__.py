"""Statistics of trials, usable on any data frame; nothing here knows the model."""
