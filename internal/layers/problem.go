package layers

import (
	"errors"
	"fmt"
)

// ErrNotFound is a layer or feature that does not exist; ErrInvalid a question
// that makes no sense. Of the latter are ErrCursor, a cursor that is none of its
// layer's, and ErrGone, one around which no feature is left after a reload.
var (
	ErrNotFound = errors.New("not found")
	ErrInvalid  = errors.New("invalid")
	ErrCursor   = fmt.Errorf("%w: begin again with the first page", ErrInvalid)
	ErrGone     = fmt.Errorf("all features around this place are gone since the last page was asked for: %w", ErrCursor)
)

// A Rule names what a file breaks; geojson.Rules are among them.
type Rule string

// The rules of a folder; those of a GeoJSON file are geojson.Rule.
const (
	NoLayers     Rule = "no layers"
	Unreadable   Rule = "can't be read"
	NameTaken    Rule = "layer name is taken"
	BadName      Rule = "layer name can't stand in a URL"
	BadYAML      Rule = "not YAML"
	UnknownKey   Rule = "unknown key"
	BadSetting   Rule = "setting can't be read"
	NoSuchLayer  Rule = "no such layer"
	NoSuchField  Rule = "no such property"
	NoGeoJSON    Rule = "sidecar without its layer"
	DuplicateID  Rule = "id is taken"
	BadTime      Rule = "time can't be read"
	TimeGap      Rule = "time has a gap"
	BadFigure    Rule = "published figure can't be read"
	EmptyLayer   Rule = "layer has no features"
	NoPlace      Rule = "feature has no geometry"
	BadTileLimit Rule = "zoom is out of range"
)

// The rules that only Check looks at.
const (
	Overlap     Rule = "versions overlap in time"
	VersionGap  Rule = "versions leave a gap in time"
	OutsideSpan Rule = "outside the span of the atlas"
	RingCrosses Rule = "polygon ring crosses itself"
	MixedTypes  Rule = "values of several types"
	NoText      Rule = "text is missing"
	HeavyTile   Rule = "tile is large"
)

// A Grade says how much a problem takes away.
type Grade int8

// The grades.
const (
	Advice Grade = iota - 1 // nothing is wrong, but could be better
	Fault                   // something is wrong, but all is served
	Loss                    // a feature or its dates are left out
	Fatal                   // nothing of the file is served in its present form
)

// A Problem is a fault in the data, with its place. Line and Col count from 1;
// 0 where the fault is the file's as a whole.
type Problem struct {
	File      string
	Line, Col int
	Layer     string // the layer that it concerns; empty if none
	Rule      Rule
	Message   string
	Grade     Grade
	effect    string // what becomes of the data; part of the message in the end
}

// settle makes what is served in spite of p part of its message: the last good
// version, or else what p says itself.
func (p Problem) settle(lastGood bool) Problem {
	if lastGood && p.Grade >= Loss {
		p.effect = "the last good version is served"
	}
	if p.effect != "" {
		p.Message += " (" + p.effect + ")"
		p.effect = ""
	}
	return p
}

// worst returns the highest grade among problems; Advice if there are none.
func worst(problems []Problem) Grade {
	g := Advice
	for _, p := range problems {
		g = max(g, p.Grade)
	}
	return g
}

// String returns "file:line:col: message".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
}
