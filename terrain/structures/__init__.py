"""What is no house and no tree and stands high: masts, towers, tanks, cranes, pylons with their
lines, lifts, and fields of panels."""
