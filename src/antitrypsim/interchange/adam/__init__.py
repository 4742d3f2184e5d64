"""A virtual trial as ADaM data sets, and others' data sets as frames that an analysis takes."""
