package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// BenchmarkStart builds the binary, starts it with the shipped atlas and asks
// for what the page asks first. Metrics: the size of the binary, the time until
// all is answered, and the memory it then takes.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "mapserver")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil { //nolint:noctx // the benchmark's own
		b.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		b.Fatal(err)
	}
	var rss float64
	for b.Loop() {
		rss += once(b, binary)
	}
	b.ReportMetric(rss/float64(b.N)/1024, "MB-rss")
	b.ReportMetric(float64(info.Size())/(1<<20), "MB-binary")
}

// once starts the binary, asks, stops it, and returns its memory in kB.
func once(b *testing.B, binary string) (kb float64) {
	b.Helper()
	l, err := net.Listen("tcp", "localhost:0") //nolint:noctx // the benchmark's own
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := exec.Command(binary, "serve", "--listen", address) //nolint:noctx // stopped below
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()                          //nolint:errcheck // it was told to stop
	defer cmd.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it runs
	for _, path := range []string{"/", "/atlas.json", "/tiles/WebMercatorQuad/5/12/19", "/tiles/WebMercatorQuad/5/12/19?collections=base-countries,base-borders"} {
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			r, err := http.Get("http://" + address + path) //nolint:noctx // the benchmark's own
			if err == nil {
				_, _ = io.Copy(io.Discard, r.Body)
				r.Body.Close()
				break
			}
			if time.Now().After(deadline) {
				b.Fatal(err)
			}
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		b.Skip("no /proc here: memory is not measured")
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(bytes.TrimSpace(status))
	kb, err = strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb
}
