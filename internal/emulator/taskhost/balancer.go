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

// cookie is the name of the cookie that binds a client to a task. An ALB's cookie has the
// same name and an encrypted value.
const cookie = "AWSALB"

type taskKey struct{}

// newProxy returns the proxy from the load balancer to a task. If the client
// disconnects, the proxy cancels the request to the task. It forwards streams
// without buffering.
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
			reject(w, http.StatusBadGateway)
		},
		FlushInterval: -1, // without buffering
		ErrorLog:      log.New(io.Discard, "", 0),
		Transport:     s.transport,
	}
}

func newTransport() *http.Transport {
	return &http.Transport{
		// A closed port fails immediately; only a host that does not respond takes this long.
		DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
		MaxIdleConnsPerHost: 100,
		// Shorter than the tasks' idle timeout, so that no request is sent on a connection that a task is closing.
		IdleConnTimeout: 60 * time.Second,
	}
}

// maxBody is the maximum size of a request body; the tasks have lower limits.
const maxBody = 10 << 20

// ServeHTTP implements [http.Handler].
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read the whole body before the response begins: at that moment net/http closes
	// the body, and ReverseProxy aborts the response if it has not yet read the
	// body's end.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		reject(w, http.StatusRequestEntityTooLarge)
		return
	}
	t, err := s.choose(r)
	if err != nil {
		reject(w, http.StatusServiceUnavailable)
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

// choose returns the task for a request and counts the request among its calls.
func (s *Service) choose(r *http.Request) (*task, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.pick(r)
	if err == nil {
		t.calls.Add(1) // under the lock, so that a deregistered task gets no further calls
	}
	return t, err
}

// pick returns the task in the client's cookie, or else the next task in turn.
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

// reject responds in place of a task.
func reject(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+http.StatusText(status)+`"}`) // fails if the client has disconnected
}
