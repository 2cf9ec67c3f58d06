"""Predictors that the backtest compares with."""
