"""Pages for people: Markdown and HTML pieces, the model card, plots. Pure functions of records."""
