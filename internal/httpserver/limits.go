package httpserver

import (
	"io"
	"net/http"
	"time"
)

// limited lets the handler answer, with limits on how slowly a client may send
// and take. They are set by request and not on the server, whose own would end
// a stream that is all right, and a call that takes longer than its body did.
func (o Options) limited(w http.ResponseWriter, r *http.Request) {
	connection := http.NewResponseController(w)
	if o.ReadBody > 0 && r.Body != http.NoBody {
		_ = connection.SetReadDeadline(time.Now().Add(o.ReadBody)) // not there in tests with a recorder
		r.Body = &body{r.Body, connection}
	}
	if o.Write <= 0 {
		o.Handler.ServeHTTP(w, r)
		return
	}
	limited := &writer{w, connection, o.Write}
	defer limited.extend() // for what net/http still holds
	o.Handler.ServeHTTP(limited, r)
}

// body takes the time limit off the connection once all of it has been read:
// from then on, reading serves to notice that the client goes away.
type body struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// writer gives each write its time.
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
