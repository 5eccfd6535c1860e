// Preprocessing of windows, the same bytes on every target.
