package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is a contestant that runs, with all its descendants.
type process struct {
	name, address string // host:port it listens at
	cmd           *exec.Cmd
	log           bytes.Buffer
	pids          []int         // what is measured: it and its descendants, once it is ready
	ended         chan struct{} // closed when it has
	after         func() error  // what is to be done when it has ended; may be nil
	ready         time.Duration // from exec until it answered
}

// start runs a contestant that will listen at address and waits until it answers path
// with success, two minutes at most.
func start(ctx context.Context, name, address, path string, argv ...string) (*process, error) {
	p := &process{name: name, address: address, cmd: exec.CommandContext(ctx, argv[0], argv[1:]...), ended: make(chan struct{})} //nolint:gosec // the contestants are ours to choose
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // a contestant may end as it likes
		close(p.ended)
	}()
	for {
		c, err := dial(address)
		if err == nil {
			status, _, err := c.get(path, nil)
			c.Close()
			if err == nil && status < 300 {
				break
			}
		}
		select {
		case <-p.ended:
			return nil, fmt.Errorf("%s ended before it was ready: %s", name, strings.TrimSpace(p.log.String()))
		case <-time.After(time.Millisecond):
		}
		if time.Since(began) > 2*time.Minute {
			_ = p.stop()
			return nil, fmt.Errorf("%s was not ready within two minutes: %s", name, strings.TrimSpace(p.log.String()))
		}
	}
	p.ready = time.Since(began)
	p.pids = family(p.cmd.Process.Pid)
	return p, nil
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
	<-p.ended
	if p.after != nil {
		return p.after()
	}
	return nil
}

// family returns root and its descendants.
func family(root int) []int {
	parent := map[int]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
		_, rest, _ := strings.Cut(string(text), ") ") // the name may hold anything else
		if f := strings.Fields(rest); len(f) > 1 {
			parent[pid], _ = strconv.Atoi(f[1])
		}
	}
	all := []int{root}
	for i := 0; i < len(all); i++ {
		for pid, up := range parent {
			if up == all[i] {
				all = append(all, pid)
			}
		}
	}
	return all
}

// cpu returns the time, user and system, that the process and its descendants have
// computed, by the processes' own clocks, to the nanosecond (clock_getcpuclockid(3)).
func (p *process) cpu() time.Duration {
	var sum time.Duration
	for _, pid := range p.pids {
		const schedClock = 2
		var t unix.Timespec
		if unix.ClockGettime(int32(^pid<<3|schedClock), &t) == nil {
			sum += time.Duration(t.Nano())
		}
	}
	return sum
}

// memory returns what the process and its descendants hold now, and the most that
// they have held since resetPeak: RSS in bytes.
func (p *process) memory() (now, peak int64) {
	for _, pid := range p.pids {
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		for line := range strings.Lines(string(status)) {
			f := strings.Fields(line)
			if len(f) < 2 {
				continue
			}
			kb, _ := strconv.ParseInt(f[1], 10, 64)
			switch f[0] {
			case "VmRSS:":
				now += kb << 10
			case "VmHWM:":
				peak += kb << 10
			}
		}
	}
	return now, peak
}

func (p *process) resetPeak() {
	for _, pid := range p.pids {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0) // else the peak is that of its life
	}
}

// quiet waits until the process has computed next to nothing for two seconds, and for
// half as long again as it worked at one go: what it prepares in the background, with
// pauses as long as the work, is not to count as work for a request. It waits ten
// minutes at most, and says if that was too short.
func (p *process) quiet(ctx context.Context) error {
	const step = 100 * time.Millisecond
	var calm, work, longest time.Duration
	last, began := p.cpu(), time.Now()
	for calm < max(2*time.Second, longest*3/2) {
		since := time.Now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(step):
		}
		now, took := p.cpu(), time.Since(since)
		if now-last > took/50 {
			if calm > 3*step {
				work = 0
			}
			work, calm = work+took, 0
			longest = max(longest, work)
		} else {
			calm += took
		}
		last = now
		if time.Since(began) > 10*time.Minute {
			return fmt.Errorf("%s still computes in the background after ten minutes", p.name)
		}
	}
	return nil
}

// freeAddress returns a loopback address at which nothing listens.
func (b *bench) freeAddress() (string, error) {
	for range 1000 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port+b.ports%b.portCount))
		b.ports++
		if l, err := net.Listen("tcp", address); err == nil {
			return address, l.Close()
		}
	}
	return "", fmt.Errorf("no free port from %d to %d: choose others with -port", b.port, b.port+b.portCount-1)
}
