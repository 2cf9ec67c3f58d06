"""In: what `lib` computed. Out: files, figures and rendered notebooks."""
