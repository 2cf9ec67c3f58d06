"""How good predictions are: backtest, metrics, baselines, the original pipeline."""
