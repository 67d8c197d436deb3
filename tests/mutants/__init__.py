"""Mutation tests: change one thing in a module that decides, and some test must fail."""
