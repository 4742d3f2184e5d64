"""The seed of everything where none is asked for. Alone here, so that ``--help`` loads nothing."""

SEED = 1
