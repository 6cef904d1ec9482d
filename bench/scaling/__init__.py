"""From measured figures to what many open tabs need: `python -m bench.scaling`."""
