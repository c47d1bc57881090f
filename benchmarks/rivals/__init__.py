"""What else could do the same: one small file each, with its formula."""
