"""Audiences and placements of promotions."""
