package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A table is one part of the report. The cells are text, as a person reads them.
type table struct {
	Title string     `json:"title"`
	Notes []string   `json:"notes,omitempty"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
}

func (t *table) row(cells ...string) { t.Rows = append(t.Rows, cells) }

func (t *table) note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// A report is all that a run found.
type report struct {
	Machine string   `json:"machine"`
	Program string   `json:"program"`
	Begun   string   `json:"begun"`
	Tables  []*table `json:"tables"`

	stdout io.Writer
}

// add prints the table and keeps it.
func (r *report) add(t *table) error {
	r.Tables = append(r.Tables, t)
	_, err := io.WriteString(r.stdout, t.text())
	return err
}

// text is the table for a terminal: the first column to the left, figures to the right.
func (t *table) text() string {
	width := make([]int, len(t.Head))
	lines := append([][]string{t.Head}, t.Rows...)
	for _, l := range lines {
		for i, cell := range l {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", t.Title)
	for n, l := range lines {
		for i, cell := range l {
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("  " + cell + pad)
			} else {
				b.WriteString("  " + pad + cell)
			}
		}
		b.WriteByte('\n')
		if n == 0 {
			for i, w := range width {
				b.WriteString("  " + strings.Repeat("-", w))
				if i == len(width)-1 {
					b.WriteByte('\n')
				}
			}
		}
	}
	for _, n := range t.Notes {
		b.WriteString("  * " + n + "\n")
	}
	return b.String()
}

// markdown is the table for docs.
func (t *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n| %s |\n|---%s|\n", t.Title, strings.Join(t.Head, " | "), strings.Repeat("|--:", len(t.Head)-1))
	for _, r := range t.Rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
	}
	b.WriteByte('\n')
	for _, n := range t.Notes {
		b.WriteString("- " + n + "\n")
	}
	return b.String()
}

// write keeps the report in dir, as Markdown and as JSON.
func (r *report) write(dir, name string) error {
	var md strings.Builder
	fmt.Fprintf(&md, "%s, %s, %s\n\n", r.Program, r.Machine, r.Begun)
	for _, t := range r.Tables {
		md.WriteString(t.markdown() + "\n")
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, name+".json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".md"), []byte(md.String()), 0o644)
}

// figure writes a number with three figures that count.
func figure(v float64) string {
	switch {
	case v >= 100_000:
		return fmt.Sprintf("%.0f k", v/1000)
	case v >= 99.5:
		return fmt.Sprintf("%.0f", v)
	case v >= 9.95:
		return fmt.Sprintf("%.1f", v)
	case v >= .0995:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}

func ms(d time.Duration) string { return figure(float64(d)/1e6) + " ms" }

func seconds(d time.Duration) string { return figure(d.Seconds()) + " s" }

func mb(bytes int64) string { return figure(float64(bytes)/1e6) + " MB" }

func kb(bytes int64) string { return figure(float64(bytes)/1e3) + " kB" }

// median returns the middle one, of an even number the mean of the middle two; 0 of none.
func median[T ~int64 | ~float64 | ~int](list []T) T {
	if len(list) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(list))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// quantile returns the smallest of list that a share q of it does not exceed.
func quantile(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(list))
	return s[min(int(q*float64(len(s))), len(s)-1)]
}
