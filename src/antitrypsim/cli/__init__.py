"""The command line: parse, call, show; no science. One file a command."""
