// Package clients holds nothing but tests, of programs that nobody here wrote:
// GDAL reads a running mapserver, the shipped atlas and a folder of awkward data,
// by every way that it knows, and finds what our own downloads hold. They need
// GDAL, and so have the build tag clients; `make clients` installs it and runs them.
package clients
