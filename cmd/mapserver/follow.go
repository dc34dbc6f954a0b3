package main

import (
	"log/slog"
	"slices"
	"time"

	"kharita/internal/layers"
	"kharita/internal/server"
)

// A follower serves what changes in a folder.
type follower struct {
	folder   *layers.Folder
	base     *layers.Snapshot
	server   *server.Server
	log      *slog.Logger
	heap     *heap
	snapshot *layers.Snapshot // that is served
	problems []layers.Problem
}

// run looks at the folder at each of changes until they are closed.
func (f *follower) run(changes <-chan struct{}) {
	for range changes {
		f.heap.load()
		f.heap.loaded(f.follow())
	}
}

// follow serves what the folder holds now. It reports whether that has changed.
func (f *follower) follow() bool {
	start := time.Now()
	snapshot, problems := f.folder.Load()
	if snapshot == f.snapshot && slices.Equal(problems, f.problems) {
		return false
	}
	logProblems(f.log, f.problems, problems)
	if err := f.server.Update(snapshot.WithBase(f.base), problems); err != nil {
		f.log.Error("change in the data is not served", "error", err)
		return false // with the next change it may be
	}
	if changed := changedLayers(f.snapshot, snapshot); snapshot.Revision != f.snapshot.Revision {
		f.log.Info("data changed", "layers", changed, "revision", snapshot.Revision, "load", time.Since(start).Round(time.Millisecond))
	}
	f.snapshot, f.problems = snapshot, problems
	return true
}

// changedLayers returns the ids of layers that are new, changed or gone.
func changedLayers(before, after *layers.Snapshot) []string {
	ids := []string{}
	for _, l := range after.Layers {
		if was, ok := before.Layer(l.ID); !ok || was.Revision != l.Revision {
			ids = append(ids, l.ID)
		}
	}
	for _, l := range before.Layers {
		if _, ok := after.Layer(l.ID); !ok {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// logProblems tells which problems have come and which have gone.
func logProblems(log *slog.Logger, before, after []layers.Problem) {
	for _, p := range after {
		if !slices.Contains(before, p) {
			log.Warn("problem in the data", "problem", p.String(), "file", p.File, "line", p.Line, "col", p.Col, "served", p.Grade < layers.Fatal)
		}
	}
	for _, p := range before {
		if !slices.Contains(after, p) {
			log.Info("problem is gone", "problem", p.String())
		}
	}
}
