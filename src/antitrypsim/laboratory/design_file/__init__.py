"""The design file: a trial laid over a protocol, its rules, and what is doubtful in it."""
