"""The live side: what a trip looks like now, and how each change reaches every open tab."""
