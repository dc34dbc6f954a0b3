package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// errMethod, errAccept, errParameter and errRange are errors of HTTP itself, errPanic a fault of ours.
var (
	errMethod    = errors.New("method not allowed")
	errAccept    = errors.New("not acceptable")
	errParameter = errors.New("unknown parameter")
	errRange     = errors.New("range not satisfiable")
	errPanic     = errors.New("panic")
)

// A fault is one kind of error: a row of the table from error to answer. It has a page
// of its own, which its type names (RFC 9457 §3.1.1).
type fault struct {
	id     string
	status int // RFC 9110 §15
	title  phrase
	advice phrase
	is     func(error) bool
}

// faults is the table. The first row that an error fits is its kind.
//
//nolint:gochecknoglobals // a table
var faults = []fault{
	{
		"no-such-tile", http.StatusNotFound,
		phrase{"No such tile", "لا مربع كهذا"},
		phrase{
			"The zoom, row or column lies outside the tile matrix set. Zooms run from 0 to 22, rows and columns from 0 to 2^zoom − 1; the row comes before the column.",
			"مستوى التكبير أو الصف أو العمود خارج شبكة المربعات. مستويات التكبير من 0 إلى 22، والصفوف والأعمدة من 0 إلى 2^z − 1، والصف قبل العمود.",
		},
		func(err error) bool { return errors.Is(err, tile.ErrAddress) },
	},
	{
		"not-found", http.StatusNotFound,
		phrase{"Not found", "غير موجود"},
		phrase{
			"There is no layer, feature, file or page at this address, or no longer. Begin at the list of layers.",
			"لا طبقة ولا عنصر ولا ملف ولا صفحة في هذا العنوان، أو لم يعد موجودًا. ابدأ من قائمة الطبقات.",
		},
		func(err error) bool { return errors.Is(err, layers.ErrNotFound) },
	},
	{
		"invalid-filter", http.StatusBadRequest,
		phrase{"Invalid filter", "مرشِّح غير صالح"},
		phrase{
			"The filter is not CQL2, or names a property or function that is not there. The detail points at the place. What a filter can name is listed under the layer's queryables, what it can call under the functions.",
			"المرشِّح ليس بلغة CQL2، أو يسمي خاصية أو دالة غير موجودة. ويدل التفصيل على الموضع. ما يمكن أن يسميه المرشِّح في صفحة خصائص الطبقة القابلة للترشيح، والدوال في صفحة الدوال.",
		},
		func(err error) bool { var e *cql2.Error; return errors.As(err, &e) },
	},
	{
		"unknown-parameter", http.StatusBadRequest,
		phrase{"Unknown parameter", "معامل غير معروف"},
		phrase{
			"The address takes no parameter of that name. The detail lists those that it takes; nothing is ignored in silence, so that a slip of the pen never looks like an answer.",
			"لا يقبل هذا العنوان معاملًا بهذا الاسم. ويسرد التفصيل ما يقبله؛ فلا شيء يُهمل بصمت، كي لا يبدو خطأ الكتابة جوابًا.",
		},
		func(err error) bool { return errors.Is(err, errParameter) },
	},
	{
		"invalid-parameter", http.StatusBadRequest,
		phrase{"Invalid parameter", "معامل غير صالح"},
		phrase{
			"A parameter has a value that can't be read, is out of range, stands twice, or is missing. The detail says which, and what can be written instead.",
			"لأحد المعاملات قيمة لا تُقرأ أو خارج المدى، أو هو مكرر أو ناقص. ويبيّن التفصيل أيها وما يمكن كتابته بدلًا منه.",
		},
		func(err error) bool {
			var e *period.ParseError
			return errors.Is(err, layers.ErrInvalid) || errors.As(err, &e)
		},
	},
	{
		"method-not-allowed", http.StatusMethodNotAllowed,
		phrase{"Method not allowed", "طريقة غير مسموح بها"},
		phrase{
			"This server is for reading: addresses take GET, HEAD and OPTIONS.",
			"هذا الخادم للقراءة: تقبل العناوين GET وHEAD وOPTIONS.",
		},
		func(err error) bool { return errors.Is(err, errMethod) },
	},
	{
		"not-acceptable", http.StatusNotAcceptable,
		phrase{"Not acceptable", "لا صيغة مقبولة"},
		phrase{
			"The address has none of the formats that the request accepts. The detail lists those that it has; ask for one with Accept, or with f.",
			"ليس لهذا العنوان أي من الصيغ التي يقبلها الطلب. ويسرد التفصيل صيغه؛ اطلب إحداها في Accept أو بالمعامل f.",
		},
		func(err error) bool { return errors.Is(err, errAccept) },
	},
	{
		"range-not-satisfiable", http.StatusRequestedRangeNotSatisfiable,
		phrase{"Range not satisfiable", "مدى خارج الملف"},
		phrase{
			"The file ends before the bytes that were asked for. It may have become shorter; begin again without a range.",
			"ينتهي الملف قبل البايتات المطلوبة. وربما صار أقصر؛ ابدأ من جديد بلا مدى.",
		},
		func(err error) bool { return errors.Is(err, errRange) },
	},
	{
		"unavailable", http.StatusServiceUnavailable,
		phrase{"Not available", "غير متاح"},
		phrase{
			"The answer was not ready in time, there is no room for another file just now, or the server is about to stop. Ask again in a moment.",
			"لم يجهز الجواب في الوقت، أو لا مكان الآن لملف آخر، أو أن الخادم على وشك التوقف. أعد المحاولة بعد قليل.",
		},
		func(err error) bool {
			return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errSpool)
		},
	},
	{
		"internal", http.StatusInternalServerError,
		phrase{"Internal error", "خطأ داخلي"},
		phrase{
			"A fault of the server, which its log tells more about. Asking again may not help.",
			"خطأ في الخادم نفسه، وفي سجلّه المزيد. وقد لا تفيد إعادة المحاولة.",
		},
		func(error) bool { return true },
	},
}

// faultOf returns the kind of err.
func faultOf(err error) fault {
	for _, f := range faults {
		if f.is(err) {
			return f
		}
	}
	panic("the last kind fits every error")
}

// A told is an error of a kind in words of errorWords, which a phrase or another error may
// be filled into.
type told struct {
	kind   error
	format string
	args   []any
}

// tell returns an error of that kind in the given words.
func tell(kind error, format string, args ...any) error { return &told{kind, format, args} }

// invalid returns an error that answers 400 with the given words.
func invalid(format string, args ...any) error { return tell(layers.ErrInvalid, format, args...) }

// notFound returns an error that answers 404: there is no such thing of that name.
func notFound(what, name string) error {
	return tell(layers.ErrNotFound, what+" %q not found", name)
}

// notAcceptable returns the error of an Accept that takes none of forms.
func notAcceptable(forms []form) error {
	types := make([]string, len(forms))
	for i, f := range forms {
		types[i] = f.mediaType + " (f=" + f.name + ")"
	}
	return tell(errAccept, "not acceptable: this address has %s", strings.Join(types, ", "))
}

func (e *told) Error() string { return e.in("en") }

func (e *told) Unwrap() error { return e.kind }

func (e *told) in(lang string) string {
	format := e.format
	if arabic(lang) {
		format = errorWords[format]
	}
	args := slices.Clone(e.args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case phrase:
			args[i] = arg.in(lang)
		case error:
			if arabic(lang) {
				args[i] = inArabic(arg)
			}
		}
	}
	return fmt.Sprintf(format, args...)
}

// A ofLayer is an error of one layer among several.
type ofLayer struct {
	id string
	error
}

func (e ofLayer) Error() string { return "layer " + e.id + ": " + e.error.Error() }
func (e ofLayer) Unwrap() error { return e.error }

// inArabic returns what err says in Arabic: of a fault of ours no more than that it is one.
func inArabic(err error) string {
	if e, is := errors.AsType[ofLayer](err); is {
		return "الطبقة " + e.id + ": " + inArabic(e.error)
	}
	if e, is := errors.AsType[*told](err); is {
		return e.in("ar")
	}
	if e, is := errors.AsType[*cql2.Error](err); is {
		return e.In(func(format string) string {
			if ar, known := filterWords[format]; known {
				return ar
			}
			return format
		})
	}
	if e, is := errors.AsType[*period.ParseError](err); is {
		return fmt.Sprintf("تاريخ لا يُقرأ (%s)؛ اكتب سنة أو شهرًا أو يومًا مثل 2014-06-29، أو لحظة مثل 2014-06-29T12:00:00Z، أو مدة مثل 2014/2016 أو 2014/.. بدايتها قبل نهايتها", e.Input)
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.ar
		}
	}
	return faultOf(err).title.ar
}

// A problem is the body of an error (RFC 9457).
type problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"`
}

// asProblem are the forms of an error.
//
//nolint:gochecknoglobals // rows of a table
var asProblem = []form{{"json", "application/problem+json"}, asHTML}

// fail answers with err, in the reader's language. Only
// faults of our own are logged, and not told.
func (s *Server) fail(c *gin.Context, err error) {
	q := &request{Context: c, state: s.state.Load(), server: s, query: c.Request.URL.Query()}
	var bad error
	if q.lang, bad = q.language(); bad != nil {
		q.query.Del("lang")
		q.lang, _ = q.language()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = tell(err, "the answer was not ready in time")
	}
	if errors.Is(err, errSpool) {
		s.log.Warn("no room for a download: make some, or name a folder in TMPDIR", "error", err)
		err = tell(errSpool, "there is no room for this file just now: ask again in a moment, or for less of it by bbox, datetime or filter")
	}
	kind := faultOf(err)
	p := problem{
		Type: q.base() + "/problems/" + kind.id, Status: kind.status, Title: kind.title.in(q.lang),
		Detail: err.Error(), Instance: c.Request.URL.RequestURI(),
	}
	if arabic(q.lang) {
		p.Detail = inArabic(err)
	}
	switch kind.status {
	case http.StatusInternalServerError:
		s.log.Error("request failed", "method", c.Request.Method, "url", c.Request.URL.String(), "error", err)
		p.Detail = kind.title.in(q.lang)
	case http.StatusServiceUnavailable:
		c.Header("Retry-After", "1")
	}
	body, mediaType := encode(p), asProblem[0].mediaType
	if q.forPeople() {
		body, mediaType = q.problemPage(p, kind), htmlType
		c.Header("Content-Security-Policy", readingPolicy)
	}
	for _, name := range []string{"Etag", "Content-Location", "Content-Disposition", "Content-Encoding", "Valid-Time", "Content-Crs", "Link"} {
		c.Writer.Header().Del(name) // of an answer that was begun
	}
	c.Header("Vary", "Accept, Accept-Language")
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Language", pageLanguage(q.lang))
	c.Header("Content-Type", mediaType)
	c.Status(p.Status)
	_, _ = c.Writer.Write(append(body, '\n'))
	c.Abort()
}

// forPeople reports whether an error is to be a page.
func (q *request) forPeople() bool {
	if f := q.query.Get("f"); f != "" {
		return f == asHTML.name
	}
	i := negotiate(q.Request.Header["Accept"], asProblem)
	return i >= 0 && asProblem[i] == asHTML
}

// problemKind describes the errors of one kind.
type problemKind struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Status      int    `json:"status"`
	Description string `json:"description"`
	Links       []link `json:"links"`
}

func (q *request) describeFault(f fault) problemKind {
	at := q.base() + "/problems"
	return problemKind{
		Type: at + "/" + f.id, Title: f.title.in(q.lang), Status: f.status, Description: f.advice.in(q.lang),
		Links: []link{
			{Href: at + "/" + f.id, Rel: "self", Type: "application/json"},
			{Href: at, Rel: "collection", Type: "application/json"},
		},
	}
}

// problemKinds answers with the table of errors.
func (q *request) problemKinds() error {
	var list []problemKind
	for _, f := range faults {
		list = append(list, q.describeFault(f))
	}
	return q.json(map[string]any{"problems": list})
}

// problemKind answers with one kind of error, to which the type of a problem leads.
func (q *request) problemKind() error {
	for _, f := range faults {
		if f.id == q.Param("problem") {
			return q.json(q.describeFault(f))
		}
	}
	return notFound("kind of error", q.Param("problem"))
}
