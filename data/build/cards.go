package main

// cards writes data/geojson/README.md: what each layer is, and how it may be used.
func cards(a *atlas, _ *sources, _ *base) error { return nil }
