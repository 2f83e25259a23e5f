"""Features, estimator, search, fit, export with proof, tracking. Heavy libraries are imported only when it runs."""

import os

# Threads that wait for each other in a busy loop make a fit ten times slower on a busy machine. Read once, when
# OpenMP is loaded, so it is set before anything imports scikit-learn.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
