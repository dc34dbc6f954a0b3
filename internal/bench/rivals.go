package main

// rivalServers are the other servers that are measured where they are installed.
func (b *bench) rivalServers() []contestant { return nil }
