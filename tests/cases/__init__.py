"""The small inputs of tests/data/cases, modelled on faults that people report of programs of this
kind: each with its right result."""
