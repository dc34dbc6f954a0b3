package server

import (
	"strings"
)

// A form is one representation of a resource.
type form struct {
	name      string // value of f; empty: the resource has this form alone, whatever is asked
	mediaType string
}

// Forms that several routes have.
//
//nolint:gochecknoglobals // rows of the table
var (
	asJSON     = form{"json", "application/json"}
	asGeoJSON  = []form{{"json", "application/geo+json"}, {"geojson", "application/geo+json"}}
	asFeatures = append(asGeoJSON[:len(asGeoJSON):len(asGeoJSON)], asJSONFG)
	asSchema   = form{"json", schemaType}
	asHTML     = form{"html", "text/html"}
	asTile     = form{"mvt", tileMediaType}
	asTileJSON = form{"tilejson", "application/json"}
)

// names returns the values of f that choose among forms.
func names(forms []form) []string {
	var list []string
	for _, f := range forms {
		if f.name != "" {
			list = append(list, f.name)
		}
	}
	return list
}

// choose returns the form that f names, else the one that Accept prefers.
func choose(forms []form, f string, accept []string) (string, error) {
	if f != "" {
		for _, form := range forms {
			if form.name == f {
				return f, nil
			}
		}
		return "", invalid("f=%s: this address has %s", f, strings.Join(names(forms), ", "))
	}
	if i := negotiate(accept, forms); i >= 0 {
		return forms[i].name, nil
	}
	return "", notAcceptable(forms)
}

// negotiate returns the place of the form that the lines of Accept prefer, -1 if they
// take none (RFC 9110 §12.5.1). The weight of a form is that of the most specific
// range that holds it. Among equal weights the more specifically named wins, then the
// earlier form: who names text/html beside */* is a browser. No Accept takes the first
// form. It allocates nothing.
func negotiate(accept []string, forms []form) int {
	asked := false
	for _, line := range accept {
		asked = asked || strings.TrimSpace(line) != ""
	}
	if !asked {
		return 0
	}
	best, bestWeight, bestFit := -1, 0, noFit
	for i, f := range forms {
		weight, fit := 0, noFit
		for _, line := range accept {
			for line != "" {
				var entry string
				entry, line = cutOutside(line, ',')
				if at, w := fits(entry, f.mediaType); at > fit {
					weight, fit = w, at
				}
			}
		}
		if weight > bestWeight || weight == bestWeight && weight > 0 && fit > bestFit {
			best, bestWeight, bestFit = i, weight, fit
		}
	}
	return best
}

// How closely a media range names a media type.
const (
	noFit     = iota
	anyType   // */*
	anySub    // type/*
	suffixFit // application/json for application/geo+json, which is JSON too (RFC 6839 §3.1)
	exactFit
	paramFit // the parameters too; one more for each
)

// fits returns how closely an entry of Accept names a media type, and its weight in
// thousandths. A charset is no matter: there is one.
func fits(entry, mediaType string) (fit, weight int) {
	media, params := cutOutside(entry, ';')
	media = strings.TrimSpace(media)
	offered, offers := cutOutside(mediaType, ';')
	slash := strings.IndexByte(offered, '/')
	switch plus := strings.LastIndexByte(offered, '+'); {
	case strings.EqualFold(media, offered):
		fit = exactFit
	case plus > slash && len(media) == slash+1+len(offered)-plus-1 &&
		strings.EqualFold(media[:slash+1], offered[:slash+1]) && strings.EqualFold(media[slash+1:], offered[plus+1:]):
		fit = suffixFit
	case len(media) == slash+2 && media[slash+1] == '*' && strings.EqualFold(media[:slash+1], offered[:slash+1]):
		fit = anySub
	case media == "*/*", media == "*": // Java's HttpURLConnection writes the latter
		fit = anyType
	default:
		return noFit, 0
	}
	weight = 1000
	for params != "" {
		var param string
		param, params = cutOutside(params, ';')
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		switch {
		case strings.EqualFold(name, "q"):
			return fit, thousandths(value) // what follows is an extension
		case name == "", strings.EqualFold(name, "charset"):
		case !hasParam(offers, name, value):
			return noFit, 0
		case fit >= exactFit:
			fit = max(fit, paramFit-1) + 1
		}
	}
	return fit, weight
}

// hasParam reports whether the parameters of a media type have one of that name and value.
func hasParam(params, name, value string) bool {
	for params != "" {
		var param string
		param, params = cutOutside(params, ';')
		if n, v, _ := strings.Cut(strings.TrimSpace(param), "="); strings.EqualFold(n, name) {
			return strings.EqualFold(strings.Trim(v, `"`), strings.Trim(value, `"`))
		}
	}
	return false
}

// thousandths reads a weight: 0, 1 or a fraction between (RFC 9110 §12.4.2). What can't be
// read is no refusal, and weighs all.
func thousandths(text string) int {
	text = strings.TrimSpace(text)
	whole, fraction, _ := strings.Cut(text, ".")
	if whole != "" && whole != "0" || whole == "" && fraction == "" {
		return 1000
	}
	n := 0
	for i := range 3 {
		n *= 10
		if i < len(fraction) {
			if fraction[i] < '0' || fraction[i] > '9' {
				return 1000
			}
			n += int(fraction[i] - '0')
		}
	}
	return n
}

// cutOutside cuts s at the first separator outside quotes.
func cutOutside(s string, separator byte) (before, after string) {
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}
