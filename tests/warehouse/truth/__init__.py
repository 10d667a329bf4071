"""What the marts should say, computed from the raw tables alone with numpy, scipy, scikit-learn."""
