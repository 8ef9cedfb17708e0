"""The pages. Thin: a view reads, calls the workflow, and renders or redirects. The server renders every state."""
