"""Measuring what DESIGN promises. Figures vary between machines: compare ratios, not times."""
