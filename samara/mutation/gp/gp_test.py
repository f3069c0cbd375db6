"""Tests of the edits without the sandbox; run by ctest as `python3 -m unittest gp_test` in this folder."""
