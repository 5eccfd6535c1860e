// The page that shows what a log folder holds.
