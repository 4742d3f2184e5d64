"""What a run leaves behind: the run folder, written and read back."""
