"""Endpoints: one file each."""
