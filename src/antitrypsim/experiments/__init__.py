"""Counterfactual people under regimens, and the questions asked of them."""
