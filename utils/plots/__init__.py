"""Figures: axes of courses, plans, reviews, backtests."""
