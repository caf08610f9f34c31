package taskhost

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// cookie names a client's task. ALB's has the same name and holds something
// that only ALB can read.
const cookie = "AWSALB"

type taskKey struct{}

// newProxy is the load balancer's way to a task. A client that disconnects takes
// its request along, and a stream is passed on as it comes.
func (s *Service) newProxy() http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: r.In.Context().Value(taskKey{}).(*task).address})
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ModifyResponse: func(r *http.Response) error {
			if s.options.Sticky {
				t := r.Request.Context().Value(taskKey{}).(*task)
				r.Header.Add("Set-Cookie", (&http.Cookie{Name: cookie, Value: t.name, Path: "/", HttpOnly: true}).String())
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil {
				s.print("task %s: %v", r.Context().Value(taskKey{}).(*task).name, err)
			}
			refuse(w, http.StatusBadGateway)
		},
		FlushInterval: -1, // at once
		ErrorLog:      log.New(io.Discard, "", 0),
		Transport:     s.transport,
	}
}

func newTransport() *http.Transport {
	return &http.Transport{
		// A port that nobody listens on any more is told at once.
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 100,
		// Shorter than the server's, so that no request meets its end.
		IdleConnTimeout: 60 * time.Second,
	}
}

// maxBody is what a request may have; the tasks take less.
const maxBody = 10 << 20

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// All of the body, before there is a response: when one begins, net/http closes
	// the body, and the way to the task takes that for a failure if it has yet to
	// find the body's end, and breaks the response off.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge)
		return
	}
	t, err := s.choose(r)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable)
		return
	}
	defer t.calls.Done()
	r = r.WithContext(context.WithValue(r.Context(), taskKey{}, t))
	r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	if len(body) == 0 {
		r.Body = http.NoBody
	}
	s.proxy.ServeHTTP(w, r)
}

// choose is the task for a request, which then is one of its calls.
func (s *Service) choose(r *http.Request) (*task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.pick(r)
	if err == nil {
		t.calls.Add(1) // under the lock: a task that was dismissed gets no more
	}
	return t, err
}

// pick is the task that a client's cookie names, or the one whose turn it is.
func (s *Service) pick(r *http.Request) (*task, error) {
	if len(s.tasks) == 0 {
		return nil, errNoTask
	}
	if named, err := r.Cookie(cookie); err == nil && s.options.Sticky {
		for _, t := range s.tasks {
			if t.name == named.Value {
				return t, nil
			}
		}
	}
	s.next++
	return s.tasks[s.next%len(s.tasks)], nil
}

// refuse answers for a task that does not.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+http.StatusText(status)+`"}`) // whoever asked may be gone
}
