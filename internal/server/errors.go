package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"kharita/geo/cql2"
	"kharita/geo/period"
	"kharita/geo/tile"
	"kharita/internal/layers"
)

// errMethod and errAccept are errors of HTTP itself, errPanic a fault of ours.
var (
	errMethod = errors.New("method not allowed")
	errAccept = errors.New("not acceptable")
	errPanic  = errors.New("panic")
)

// status is the one table from error to HTTP status (RFC 9110 §15).
func status(err error) int {
	var parse *period.ParseError
	var filter *cql2.Error
	switch {
	case errors.Is(err, layers.ErrNotFound), errors.Is(err, tile.ErrAddress):
		return http.StatusNotFound
	case errors.Is(err, layers.ErrInvalid), errors.As(err, &parse), errors.As(err, &filter):
		return http.StatusBadRequest
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errAccept):
		return http.StatusNotAcceptable
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// badRequest is an ErrInvalid in words meant for the client alone.
type badRequest string

func (e badRequest) Error() string { return string(e) }

func (badRequest) Is(target error) bool { return target == layers.ErrInvalid }

// invalid returns an error that answers 400 with the given words.
func invalid(format string, args ...any) error { return badRequest(fmt.Sprintf(format, args...)) }

// notAcceptable returns the error of an Accept that takes none of forms.
func notAcceptable(forms []form) error {
	types := make([]string, len(forms))
	for i, f := range forms {
		types[i] = f.mediaType + " (f=" + f.name + ")"
	}
	return fmt.Errorf("%w: this address has %s", errAccept, strings.Join(types, ", "))
}

func notFound(what, name string) error {
	return fmt.Errorf("%s %q %w", what, name, layers.ErrNotFound)
}

// problem is the body of an error (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// fail answers with err. Only faults of our own are logged, and not told.
func (s *Server) fail(c *gin.Context, err error) {
	p := problem{Type: "about:blank", Status: status(err), Detail: err.Error()}
	p.Title = http.StatusText(p.Status)
	if p.Status == http.StatusInternalServerError {
		s.log.Error("request failed", "method", c.Request.Method, "url", c.Request.URL.String(), "error", err)
		p.Detail = "internal error"
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "application/problem+json")
	c.Status(p.Status)
	_, _ = c.Writer.Write(append(encode(p), '\n'))
	c.Abort()
}
