"""The trial laboratory: thousands of trials drawn from one library of virtual people."""
