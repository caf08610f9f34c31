package httpserver

import (
	"net/http"
	"time"
)

// writer sets a deadline for each write. http.Server.WriteTimeout would limit the
// whole response and end a healthy stream.
type writer struct {
	http.ResponseWriter
	connection   *http.ResponseController
	writeTimeout time.Duration
}

func (w *writer) extend() { _ = w.connection.SetWriteDeadline(time.Now().Add(w.writeTimeout)) }

func (w *writer) Write(p []byte) (int, error) {
	w.extend()
	return w.ResponseWriter.Write(p)
}

func (w *writer) WriteHeader(status int) {
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

// Flush implements [http.Flusher]. An error is ignored: a disconnect cancels the
// request's context.
func (w *writer) Flush() {
	w.extend()
	_ = w.connection.Flush()
}

// Unwrap lets http.ResponseController reach the original writer.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
