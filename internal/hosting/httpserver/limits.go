package httpserver

import (
	"net/http"
	"time"
)

// writer gives each write its time. The server's own limit would be for the
// whole answer, and end a stream that is all right.
type writer struct {
	http.ResponseWriter
	connection *http.ResponseController
	patience   time.Duration
}

func (w *writer) extend() { _ = w.connection.SetWriteDeadline(time.Now().Add(w.patience)) }

func (w *writer) Write(p []byte) (int, error) {
	w.extend()
	return w.ResponseWriter.Write(p)
}

func (w *writer) WriteHeader(status int) {
	w.extend()
	w.ResponseWriter.WriteHeader(status)
}

// Flush implements [http.Flusher]. That the client is gone shows in its context.
func (w *writer) Flush() {
	w.extend()
	_ = w.connection.Flush()
}

// Unwrap lets http.ResponseController find the writer below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
