"""Turning the training window into a version: validate, train, calibrate, refit, save."""
