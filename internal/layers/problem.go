package layers

import (
	"errors"
	"fmt"
)

// ErrNotFound is a layer or feature that does not exist; ErrInvalid a question
// that makes no sense.
var (
	ErrNotFound = errors.New("not found")
	ErrInvalid  = errors.New("invalid")
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

// A Problem is a fault in the data, with its place. Line and Col count from 1;
// 0 where the fault is the file's as a whole.
type Problem struct {
	File      string
	Line, Col int
	Layer     string // the layer that it concerns; empty if none
	Rule      Rule
	Message   string
	Fatal     bool // the file is not served at all (in its present form)
}

// String returns "file:line:col: message".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Col, p.Message)
}
