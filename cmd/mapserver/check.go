package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"kharita/internal/layers"
)

type checkCommand struct {
	Dir string `arg:"" help:"Folder of GeoJSON files and sidecars." type:"path"`
}

// Run prints all problems, then what was read and guessed.
func (cmd *checkCommand) Run(c console) error {
	fsys, err := folder(cmd.Dir)
	if err != nil {
		return err
	}
	snapshot, problems := layers.Load(fsys)
	for _, p := range problems {
		fmt.Fprintln(c.stdout, p)
	}
	for _, l := range snapshot.Layers {
		fmt.Fprintf(c.stderr, "%s: %d features (%s)%s\n", l.ID, l.Total, l.Geometry, during(l))
		for _, g := range l.Guesses {
			fmt.Fprintf(c.stderr, "  guessed: %s\n", g)
		}
	}
	switch len(problems) {
	case 0:
		fmt.Fprintln(c.stderr, "no problem found")
		return nil
	case 1:
		fmt.Fprintln(c.stderr, "1 problem found")
	default:
		fmt.Fprintf(c.stderr, "%d problems found\n", len(problems))
	}
	return errProblems
}

func during(l *layers.Layer) string {
	if l.Span.IsNever() {
		return ", without dates"
	}
	return ", " + strings.Replace(l.Span.String(), "/", " to ", 1)
}

// folder opens a folder, or says what is wrong with it and what to do.
func folder(dir string) (fs.FS, error) {
	switch info, err := os.Stat(dir); {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("folder %s: there is none; create it and put GeoJSON files into it", dir)
	case err != nil:
		return nil, fmt.Errorf("folder %s: %w", dir, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file; name the folder that it lies in", dir)
	}
	return os.DirFS(dir), nil
}
