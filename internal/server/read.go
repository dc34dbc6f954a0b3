package server

import (
	"encoding/json"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"kharita/geo/format"
	"kharita/geo/period"
	"kharita/internal/layers"
)

// fill writes the content of the page: by the shape of the JSON, not by its address.
func (v *view) fill(d *document, body []byte) error {
	list := members(body)
	switch {
	case textOf(get(list, "type")) == "FeatureCollection":
		return v.featurePage(d, list, body)
	case textOf(get(list, "type")) == "Feature":
		return v.feature(d, list, body)
	case get(list, "epochs") != nil:
		v.timelinePage(d, list)
	case get(list, "openapi") != nil:
		v.apiPage(d, list)
	case get(list, "collections") != nil:
		v.collectionsPage(d, list)
	case get(list, "$schema") != nil:
		v.schemaPage(d, list)
	case v.route.path == "/collections/:layer":
		return v.collectionPage(d, list)
	default:
		v.anyPage(d, list)
	}
	return nil
}

// anyPage shows single values first, then each list and object under its name.
func (v *view) anyPage(d *document, list []member) {
	var single []member
	var rest []section
	for _, m := range list {
		switch {
		case m.name == "title" && v.route.path != "/problems/:problem":
		case m.name == "title":
			d.Title = textOf(m.value)
		case m.name == "description":
			d.Lead = textOf(m.value)
		case m.name == "links":
		case len(m.value) > 0 && (m.value[0] == '{' || m.value[0] == '['):
			n := v.value(m.value)
			n.Text = strings.TrimSpace(n.Text)
			title := v.label(m.name)
			if title == d.Title {
				title = ""
			}
			rest = append(rest, section{title, named(n, v.label(m.name))})
		default:
			single = append(single, m)
		}
	}
	if len(single) > 0 {
		d.Sections = append(d.Sections, section{"", v.fields(single)})
	}
	d.Sections = append(d.Sections, rest...)
	v.ends(d, list)
}

// named gives a table its name, which a reader of the screen hears.
func named(n node, name string) node {
	if n.Kind == "table" {
		n.Text = name
	}
	return n
}

// ends puts links and downloads under all else.
func (v *view) ends(d *document, list []member) {
	raw := get(list, "links")
	if n := v.links(raw); len(n.Items) > 0 {
		d.Sections = append(d.Sections, section{v.say("see"), n})
	}
	if s, ok := v.downloadsOf(raw); ok {
		d.Sections = append(d.Sections, s)
	}
	for _, l := range linksOf(raw) {
		if l.Rel == "next" {
			d.Next = v.href(l.Href)
			if v.query.Has("f") {
				d.Next += "&f=html"
			}
		}
	}
}

func (v *view) collectionsPage(d *document, list []member) {
	d.Summary = v.word(v.Atlas.Description)
	d.Lead = d.Summary
	d.Dataset = v.dataset(v.at+"/collections", v.Atlas.Title, v.Atlas.Description, v.Atlas.Attribution, v.Atlas.Licence, v.Layers, wholeAtlas)
	shown := map[string]bool{}
	for _, raw := range elements(get(list, "collections")) {
		shown[textOf(get(members(raw), "id"))] = true
	}
	v.counts(d, list, len(shown))
	if len(shown) == 0 {
		d.Sections = append(d.Sections, section{"", node{Kind: "paragraph", Text: v.say("nothingHere")}})
	}
	for _, group := range []struct {
		title  string
		layers []*layers.Layer
	}{{"", v.Layers}, {v.say("baseMap"), v.Base}} {
		s := section{Title: group.title}
		s.Body.Kind = "row"
		for _, l := range group.layers {
			if shown[l.ID] {
				s.Body.Items = append(s.Body.Items, v.card(l))
			}
		}
		if len(s.Body.Items) > 0 {
			d.Sections = append(d.Sections, s)
		}
	}
	v.ends(d, list)
}

// card is a layer in the list of layers.
func (v *view) card(l *layers.Layer) node {
	links := encode(v.describe(l).Links)
	files, _ := v.downloadsOf(links)
	return node{Kind: "card", Head: []string{v.word(l.Title)}, Href: v.href(v.at + "/collections/" + url.PathEscape(l.ID)), Items: []node{
		{Kind: "paragraph", Text: v.word(l.Description)},
		{Kind: "facts", Fields: v.facts(l)},
		v.links(links),
		files.Body,
	}}
}

// facts are how much a layer holds, and from when to when.
func (v *view) facts(l *layers.Layer) []labelled {
	list := []labelled{{v.say("items"), node{Text: features.in(v.lang, l.Total)}}}
	if !l.Span.IsNever() && !l.Span.IsAlways() {
		list = append(list, labelled{v.say("when"), node{Text: l.Span.Describe(pageLanguage(v.lang))}})
	}
	if l.Licence.Name != "" {
		n := node{Text: l.Licence.Name}
		if l.Licence.URL != "" {
			n = node{Kind: "link", Text: l.Licence.Name, Href: l.Licence.URL}
		}
		list = append(list, labelled{v.say("licence"), n})
	}
	return list
}

func (v *view) collectionPage(d *document, list []member) error {
	l := v.layer
	d.Lead = v.word(l.Description)
	d.MapLink = v.mapLink("l=" + l.ID)
	d.Dataset = v.dataset(v.at+"/collections/"+url.PathEscape(l.ID), l.Title, l.Description, l.Attribution, l.Licence, []*layers.Layer{l}, l.ID)
	if err := v.mapOf(d, l.Bound, v.geometries(l)); err != nil {
		return err
	}
	d.Sections = append(d.Sections, section{"", node{Kind: "fields", Fields: v.facts(l)}})
	v.ends(d, list)
	var rest []member
	for _, m := range list {
		if !slices.Contains([]string{"title", "description", "attribution", "license", "links"}, m.name) {
			rest = append(rest, m)
		}
	}
	d.Sections = append(d.Sections, section{v.say("details"), v.fields(rest)})
	return nil
}

// geometries yields those of all features of l.
func (v *view) geometries(l *layers.Layer) iter.Seq[orb.Geometry] {
	return func(yield func(orb.Geometry) bool) {
		for f, err := range l.Features(v.Request.Context(), layers.Query{}) {
			if err != nil || f.Geometry != nil && !yield(f.Geometry) {
				return
			}
		}
	}
}

// mapLink opens the map page on something of the atlas; layers of the base map can't be opened.
func (v *view) mapLink(hash string) string {
	if v.layer == nil || !slices.Contains(v.Layers, v.layer) {
		return ""
	}
	return "/#" + hash + "&lang=" + v.lang
}

// A readFeature is a feature in JSON.
type readFeature struct {
	ID         json.RawMessage
	Properties json.RawMessage
	Time       *struct {
		Interval  []string
		Date      string
		Timestamp string
	}
	Links json.RawMessage
}

// layerOf is the layer of a feature: that of the address, or the one that a search found it in.
func (v *view) layerOf(properties []member) *layers.Layer {
	if v.layer != nil {
		return v.layer
	}
	l, _ := v.Layer(textOf(get(properties, "collection")))
	return l
}

// nameOf is the feature's name in the reader's language, else in another.
func (v *view) nameOf(l *layers.Layer, properties []member) string {
	names := layers.Text{}
	if l != nil {
		for lang, property := range l.Name {
			if name := textOf(get(properties, property)); name != "" {
				names[lang] = name
			}
		}
	}
	if name := textOf(get(properties, "name")); len(names) == 0 && name != "" {
		return name
	}
	return v.word(names)
}

// when says when a feature holds, in words.
func (v *view) when(l *layers.Layer, f readFeature, properties []member) string {
	lang := pageLanguage(v.lang)
	if l != nil {
		start, end := textOf(get(properties, l.Time.Start)), textOf(get(properties, l.Time.End))
		if start != "" || end != "" {
			return l.Time.Ends.Describe(start, end, lang)
		}
	}
	if start, end := textOf(get(properties, "start")), textOf(get(properties, "end")); start != "" || end != "" {
		return period.Describe(start, end, lang)
	}
	switch t := f.Time; {
	case t == nil:
	case len(t.Interval) == 2:
		return period.Describe(t.Interval[0], t.Interval[1], lang)
	case t.Date != "":
		return period.DescribeText(t.Date, lang)
	case t.Timestamp != "":
		return period.DescribeText(t.Timestamp, lang)
	}
	return v.say("noDates")
}

// itemHref is the address of a feature's page.
func (v *view) itemHref(l *layers.Layer, id string) string {
	return v.href(v.at + "/collections/" + url.PathEscape(l.ID) + "/items/" + url.PathEscape(id))
}

// columns are the properties that a table shows: what the popup has, else the first few.
func (v *view) columns(l *layers.Layer) []string {
	const most = 6
	var list []string
	if v.route.id == "changes" {
		return []string{"change", "part", "part_km2", "before_km2", "after_km2"}
	}
	if l == nil {
		return nil
	}
	special := []string{"name", "dates", "text", "sources", l.Sources, l.Time.Start, l.Time.End}
	for _, property := range l.Name {
		special = append(special, property)
	}
	for _, f := range l.Fields {
		if (len(l.Popup) == 0 || slices.Contains(l.Popup, f.Name)) && f.Type != "json" && !slices.Contains(special, f.Name) && !strings.HasPrefix(f.Name, "text_") && len(list) < most {
			list = append(list, f.Name)
		}
	}
	return list
}

// featurePage shows a page of features as a map and a table.
func (v *view) featurePage(d *document, list []member, body []byte) error {
	raws := elements(get(list, "features"))
	n := node{Kind: "table", Text: d.Title, Head: []string{v.say("name"), v.say("when")}}
	columns := v.columns(v.layer)
	for _, c := range columns {
		n.Head = append(n.Head, v.fieldTitle(v.layer, c))
	}
	if v.route.id == "search" {
		d.Search = &searchForm{v.query.Get("q")}
		n.Head = append(n.Head, v.say("layer"))
	}
	for _, raw := range raws {
		var f readFeature
		if err := json.Unmarshal(raw, &f); err != nil {
			return err
		}
		properties := members(f.Properties)
		l := v.layerOf(properties)
		name, id := v.nameOf(l, properties), textOf(f.ID)
		if v.route.id == "search" {
			id = textOf(get(properties, "id"))
		}
		if name == "" {
			name = id
		}
		row := []node{{Kind: "link", Text: name}, {Text: v.when(l, f, properties)}}
		if v.route.id == "changes" {
			row[0] = node{Text: name} // a piece is no feature
		} else {
			row[0].Href = v.itemHref(l, id)
		}
		for _, c := range columns {
			row = append(row, v.property(l, c, get(properties, c)))
		}
		if v.route.id == "search" {
			row = append(row, node{Text: v.word(l.Title)})
		}
		n.Rows = append(n.Rows, row)
	}
	if v.route.id == "changes" { // pieces have no time of their own
		n.Head = slices.Delete(n.Head, 1, 2)
		for i := range n.Rows {
			n.Rows[i] = slices.Delete(n.Rows[i], 1, 2)
		}
	}
	dropEmpty(&n)
	v.counts(d, list, len(raws))
	if err := v.mapOfAnswer(d, body); err != nil {
		return err
	}
	if raw := get(list, "changes"); raw != nil {
		summary := members(raw)
		d.Title = textOf(get(summary, "title"))
		d.Kicker = v.say("changes")
		if km2 := get(summary, "km2"); km2 != nil {
			d.Sections = append(d.Sections, section{v.say("km2"), v.fields(members(km2))})
		}
		d.Sections = append(d.Sections, section{v.say("things"), v.fields(members(get(summary, "things")))})
	}
	switch {
	case len(n.Rows) > 0:
		d.Sections = append(d.Sections, section{"", n})
	case v.route.id != "search":
		d.Sections = append(d.Sections, section{"", node{Kind: "paragraph", Text: v.say("nothingHere")}})
	case v.query.Has("q"):
		d.Sections = append(d.Sections, section{"", node{Kind: "paragraph", Text: v.say("nothingFound")}})
	}
	v.ends(d, list)
	return nil
}

// counts says how many features, results or layers there are, and for which time.
func (v *view) counts(d *document, list []member, here int) {
	count := features
	switch v.route.id {
	case "search":
		if count = found; !v.query.Has("q") {
			return
		}
	case "collections":
		count = listed
	}
	all, err := strconv.Atoi(string(get(list, "numberMatched")))
	if err != nil {
		all = here
	}
	d.Note = count.in(v.lang, all)
	if p, err := period.ParseDatetime(v.query.Get("datetime")); err == nil {
		d.Note = p.Describe(pageLanguage(v.lang)) + " · " + d.Note
	}
	if here < all {
		d.Note += " · " + v.say("numberReturned") + " " + grouped(strconv.Itoa(here))
	}
}

// dropEmpty takes out the columns, but for the first, that say nothing in any row.
func dropEmpty(n *node) {
	for i := len(n.Head) - 1; i > 0; i-- {
		empty := true
		for _, row := range n.Rows {
			empty = empty && (row[i].Text == "" || row[i].Text == "–")
		}
		if empty {
			n.Head = slices.Delete(n.Head, i, i+1)
			for j := range n.Rows {
				n.Rows[j] = slices.Delete(n.Rows[j], i, i+1)
			}
		}
	}
}

// fieldTitle names a property: in the sidecar's words, in ours, or by itself. Where its
// name ends in a language, that is told after what it is without.
func (v *view) fieldTitle(l *layers.Layer, name string) string {
	if l != nil {
		if f := l.Field(name); f != nil {
			if title := v.word(f.Title); title != "" {
				return title
			}
		}
	}
	if i := strings.LastIndexByte(name, '_'); i > 0 && slices.Contains(v.Atlas.Languages, name[i+1:]) {
		return v.fieldTitle(l, name[:i]) + " (" + v.label("in_"+name[i+1:]) + ")"
	}
	return v.label(name)
}

// property shows a value of a feature: in the sidecar's words for it, and with its unit.
func (v *view) property(l *layers.Layer, name string, raw json.RawMessage) node {
	var f *layers.Field
	if l != nil {
		f = l.Field(name)
	}
	if f == nil || len(raw) == 0 || string(raw) == "null" {
		if p, ok := words[textOf(raw)]; ok && f == nil {
			return node{Text: p.in(v.lang)} // appeared, gained
		}
		return v.value(raw)
	}
	if t, ok := f.Values[textOf(raw)]; ok {
		return node{Text: v.word(t)}
	}
	n := v.value(raw)
	if f.Unit != "" && n.Kind == "number" {
		unit := f.Unit
		if unit == "km²" {
			unit = v.say("km²")
		}
		n.Text += " " + unit
	}
	if raw[0] == '"' && n.Kind == "code" {
		n.Kind = "" // a text with a brace in it is no code
	}
	for _, lang := range v.Atlas.Languages {
		if strings.HasSuffix(name, "_"+lang) {
			n.Lang = lang
		}
	}
	return n
}

// feature shows one feature: map, dates in words, text, properties, sources.
func (v *view) feature(d *document, list []member, body []byte) error {
	var f readFeature
	for name, into := range map[string]any{"id": &f.ID, "properties": &f.Properties, "time": &f.Time} {
		if raw := get(list, name); raw != nil {
			if err := json.Unmarshal(raw, into); err != nil {
				return err
			}
		}
	}
	l, properties := v.layer, members(f.Properties)
	id := textOf(f.ID)
	if d.Title = v.nameOf(l, properties); d.Title == "" {
		d.Title = id
	}
	d.Crumbs[len(d.Crumbs)-1].Text = d.Title
	d.MapLink = v.mapLink("f=" + url.PathEscape(l.ID+"/"+id))
	if err := v.mapOfAnswer(d, body); err != nil {
		return err
	}
	texts := layers.Text{}
	facts := node{Kind: "fields", Fields: []labelled{{v.say("when"), node{Text: v.when(l, f, properties)}}}}
	if at, err := v.certainly(id); err != nil {
		return err
	} else if at != "" {
		facts.Fields = append(facts.Fields, labelled{v.say("certainWhen"), node{Text: at}})
	}
	var sources json.RawMessage
	for _, m := range properties {
		switch suffix, isText := strings.CutPrefix(m.name, "text_"); {
		case m.name == l.Sources || l.Sources == "" && m.name == "sources":
			sources = m.value
		case isText:
			texts[suffix] = textOf(m.value)
		case m.name == "text":
			texts[""] = textOf(m.value)
		case m.name == l.Time.Start, m.name == l.Time.End:
			facts.Fields = append(facts.Fields, labelled{v.fieldTitle(l, m.name), node{Kind: "code", Text: textOf(m.value)}})
		case string(m.value) == "null", tellsEnds(l) && (m.name == validFrom || m.name == validUntil): // they are said in words
		default:
			facts.Fields = append(facts.Fields, labelled{v.fieldTitle(l, m.name), v.property(l, m.name, m.value)})
		}
	}
	d.Lead = v.word(texts)
	if d.Lead != "" {
		d.Summary = d.Lead
	}
	facts.Fields = append(facts.Fields, labelled{v.say("id"), node{Kind: "code", Text: id}})
	d.Sections = append(d.Sections, section{"", facts})
	if n := v.sources(sources); len(n.Items) > 0 {
		d.Sections = append(d.Sections, section{v.say("sources"), n})
	}
	v.ends(d, list)
	return nil
}

// certainly says when the feature certainly holds, if that is less than when it possibly does.
func (v *view) certainly(id string) (string, error) {
	f, err := v.layer.Feature(v.Request.Context(), id)
	if err != nil || f.Valid.Certain == f.Valid.Possible {
		return "", err
	}
	if f.Valid.Certain.IsNever() {
		return v.say("never"), nil
	}
	return f.Valid.Certain.Describe(pageLanguage(v.lang)), nil
}

// sources lists where a claim comes from.
func (v *view) sources(raw json.RawMessage) node {
	n := node{Kind: "list"}
	for _, e := range elements(raw) {
		var s struct {
			Title, Publisher, Date, URL string
			Verified                    *bool
		}
		if json.Unmarshal(e, &s) != nil {
			s.Title = textOf(e)
		}
		if s.Title == "" {
			s.Title = s.Publisher
		}
		title := node{Text: s.Title}
		if strings.HasPrefix(s.URL, "https://") || strings.HasPrefix(s.URL, "http://") {
			title = node{Kind: "link", Text: s.Title, Href: s.URL}
		}
		row := node{Kind: "row", Items: []node{title}}
		if s.Publisher != "" && !strings.Contains(s.Title, s.Publisher) {
			row.Items = append(row.Items, node{Text: s.Publisher})
		}
		if s.Date != "" && !strings.Contains(s.Title, s.Date[:min(4, len(s.Date))]) {
			row.Items = append(row.Items, node{Text: period.DescribeText(s.Date, pageLanguage(v.lang))})
		}
		if s.Verified != nil {
			word := map[bool]string{true: "verified", false: "unverified"}[*s.Verified]
			row.Items = append(row.Items, node{Kind: "badge", Text: v.say(word), Href: word})
		}
		n.Items = append(n.Items, row)
	}
	return n
}

// timelinePage shows a row for each period in which a layer does not change.
func (v *view) timelinePage(d *document, list []member) {
	d.Lead = textOf(get(list, "description"))
	var t timeline
	for name, into := range map[string]any{"epochs": &t.Epochs, "rivals": &t.Rivals} {
		_ = json.Unmarshal(get(list, name), into) // of our own making
	}
	n := node{Kind: "table", Text: d.Title, Head: []string{v.say("when"), v.say("possible"), v.say("certain")}}
	areas := len(t.Epochs) > 0 && t.Epochs[0].Possible.Km2 != nil
	if areas {
		n.Head = append(n.Head, v.say("possible")+v.say("comma")+v.say("km²"), v.say("certain")+v.say("comma")+v.say("km²"))
	}
	count := func(i int) node { return node{Kind: "number", Text: grouped(strconv.Itoa(i))} }
	km2 := func(f *float64) node {
		if f == nil {
			return node{}
		}
		return node{Kind: "number", Text: grouped(strconv.FormatFloat(*f, 'f', 0, 64))}
	}
	for _, e := range t.Epochs {
		start, end, _ := strings.Cut(e.Interval, "/")
		when := period.Describe(start, end, pageLanguage(v.lang))
		if e.From == nil && e.Until == nil {
			when = v.say("always")
		}
		row := []node{{Text: when}, count(e.Possible.Count), count(e.Certain.Count)}
		if areas {
			row = append(row, km2(e.Possible.Km2), km2(e.Certain.Km2))
		}
		n.Rows = append(n.Rows, row)
	}
	if len(t.Rivals) > 0 {
		r := node{Kind: "table", Text: v.say("rivals"), Head: []string{v.say("date"), v.say("publisher"), v.say("value"), v.say("ours")}}
		for _, rival := range t.Rivals {
			publisher := node{Text: rival.Publisher}
			if rival.URL != "" {
				publisher = node{Kind: "link", Text: rival.Publisher, Href: rival.URL}
			}
			value, ours := rival.Value, rival.Ours.Possible
			r.Rows = append(r.Rows, []node{{Text: period.DescribeText(rival.Date, pageLanguage(v.lang))}, publisher, km2(&value), km2(&ours)})
		}
		d.Sections = append(d.Sections, section{v.say("rivals"), r})
	}
	d.Sections = append(d.Sections, section{v.say("epochs"), n})
	v.ends(d, list)
}

// schemaPage shows the properties of a JSON Schema.
func (v *view) schemaPage(d *document, list []member) {
	n := node{Kind: "table", Text: d.Title, Head: []string{v.say("properties")}}
	names := []string{}
	all := members(get(list, "properties"))
	for _, p := range all {
		for _, m := range members(p.value) {
			if !slices.Contains(names, m.name) {
				names = append(names, m.name)
			}
		}
	}
	for _, name := range names {
		n.Head = append(n.Head, v.label(name))
	}
	for _, p := range all {
		row := []node{{Kind: "code", Text: p.name}}
		own := members(p.value)
		for _, name := range names {
			if raw := get(own, name); raw == nil {
				row = append(row, node{})
			} else if raw[0] == '{' || name == "format" || name == "type" || name == "x-ogc-role" || name == "pattern" {
				row = append(row, node{Kind: "code", Text: textOf(raw)})
			} else {
				row = append(row, v.value(raw))
			}
		}
		n.Rows = append(n.Rows, row)
	}
	d.Sections = append(d.Sections, section{"", n})
	v.ends(d, list)
}

// apiPage lists the addresses and what they take.
func (v *view) apiPage(d *document, list []member) {
	for _, path := range members(get(list, "paths")) {
		for _, method := range members(path.value) {
			var op struct {
				Summary    string
				Parameters []struct{ Name, In, Description string }
			}
			if json.Unmarshal(method.value, &op) != nil {
				continue
			}
			n := node{Kind: "card", Head: []string{strings.ToUpper(method.name) + " " + path.name}, Items: []node{{Kind: "paragraph", Text: op.Summary, Lang: pageLanguage(v.lang)}}}
			if !strings.Contains(path.name, "{") {
				n.Href = v.href(v.at + path.name)
			}
			fields := node{Kind: "fields"}
			for _, p := range op.Parameters {
				fields.Fields = append(fields.Fields, labelled{p.Name, node{Text: p.Description, Lang: pageLanguage(v.lang)}})
			}
			if len(fields.Fields) > 0 {
				n.Items = append(n.Items, fields)
			}
			d.Sections = append(d.Sections, section{"", n})
		}
	}
}

// dataset describes layers to search engines (schema.org/Dataset) as JSON-LD.
func (q *request) dataset(at string, title, description, credit layers.Text, licence layers.Licence, list []*layers.Layer, file string) map[string]any {
	word := func(t layers.Text) string { w, _ := t.In(q.lang, q.fallback()); return w }
	bound, span := orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}, period.Never
	for _, l := range list {
		if span = span.Hull(l.Span); l.Bound.IsEmpty() {
			continue
		}
		if bound.IsEmpty() {
			bound = l.Bound
		} else {
			bound = bound.Union(l.Bound)
		}
	}
	doc := map[string]any{
		"@context": "https://schema.org", "@type": "Dataset", "@id": at, "url": at,
		"name": word(title), "description": word(description), "inLanguage": q.Atlas.Languages, "version": q.revision, "isAccessibleForFree": true,
	}
	if doc["description"] == "" {
		doc["description"] = word(title)
	}
	if text := word(credit); text != "" {
		doc["creditText"] = text
	}
	if licence.Name != "" {
		doc["license"] = licence.Name
	}
	if licence.URL != "" {
		doc["license"] = licence.URL
	}
	if !bound.IsEmpty() {
		number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
		doc["spatialCoverage"] = map[string]any{"@type": "Place", "geo": map[string]any{
			"@type": "GeoShape", // south west north east
			"box":   number(bound.Min[1]) + " " + number(bound.Min[0]) + " " + number(bound.Max[1]) + " " + number(bound.Max[0]),
		}}
	}
	if !span.IsNever() && !span.IsAlways() {
		doc["temporalCoverage"] = closedText(span)
	}
	var files []map[string]any
	for _, f := range format.All() {
		files = append(files, map[string]any{
			"@type": "DataDownload", "name": f.Name, "encodingFormat": f.MediaType, "contentUrl": q.base() + "/downloads/" + url.PathEscape(file) + f.Ext,
		})
	}
	doc["distribution"] = files
	return doc
}
