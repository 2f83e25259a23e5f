"""What every stage stands on: errors, settings, git, the store, console output. Imports no stage."""
