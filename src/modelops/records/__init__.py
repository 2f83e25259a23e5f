"""What stages hand to each other: frozen, strict records that live in files."""
