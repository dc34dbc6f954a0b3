package server

type interim struct{ Name, MediaType, Ext string }

var downloads []interim

func downloadTypes() []string { return nil }

func (q *request) download() error { return notFound("download", q.Param("file")) }
