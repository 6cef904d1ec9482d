"""Reflex states: thin. They ask who is there, call a service and keep what is the tab's alone."""
