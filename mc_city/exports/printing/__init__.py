"""The town for a 3D printer: plates side by side, and pieces that are pressed into them."""
