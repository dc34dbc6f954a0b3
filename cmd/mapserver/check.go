package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"kharita/data/basemap"
	"kharita/internal/layers"
	"kharita/internal/server"
)

type checkCommand struct {
	Dir    string `arg:"" help:"Folder of GeoJSON files and sidecars." type:"path"`
	Strict bool   `help:"Count advice as problems."`
}

// Run prints all problems and all advice, then what was read and guessed.
func (cmd *checkCommand) Run(c console) error {
	fsys, err := folder(cmd.Dir)
	if err != nil {
		return err
	}
	base, _ := layers.Load(basemap.Files)
	snapshot, problems := layers.NewFolder(fsys).Over(base).Load()
	problems = append(problems, layers.Check(fsys, snapshot)...)
	heavy, err := server.HeavyTiles(snapshot)
	if err != nil {
		return err
	}
	undrawn, err := server.Undrawn(fsys, snapshot)
	if err != nil {
		return err
	}
	problems = slices.Concat(problems, heavy, undrawn)
	slices.SortStableFunc(problems, func(a, b layers.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Col-b.Col)
	})
	advice := 0
	for _, p := range problems {
		if p.Grade == layers.Advice {
			advice++
			p.Message = "advice: " + p.Message
		}
		fmt.Fprintln(c.stdout, p)
	}
	for _, l := range snapshot.Layers {
		fmt.Fprintf(c.stderr, "%s: %d features (%s)%s\n", l.ID, l.Total, l.Geometry, during(l))
		for _, g := range l.Guesses {
			fmt.Fprintf(c.stderr, "  guessed: %s\n", g)
		}
	}
	found := len(problems) - advice
	and := ""
	if advice > 0 {
		and = fmt.Sprintf(", %d of advice", advice)
	}
	switch found {
	case 0:
		fmt.Fprintf(c.stderr, "no problem found%s\n", and)
	case 1:
		fmt.Fprintf(c.stderr, "1 problem found%s\n", and)
	default:
		fmt.Fprintf(c.stderr, "%d problems found%s\n", found, and)
	}
	if found > 0 || cmd.Strict && advice > 0 {
		return errProblems
	}
	return nil
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
