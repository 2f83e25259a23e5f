"""What runs where: the lock file's form, pins, the manifests rendered from them, and how pins move."""
