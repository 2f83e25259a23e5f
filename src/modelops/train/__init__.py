"""Features, estimator, search, fit, export with proof, tracking. Heavy libraries are imported only when it runs."""
