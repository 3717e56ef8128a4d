"""The pieces of the touch screens: large letters, touch targets, the frame of every screen."""
