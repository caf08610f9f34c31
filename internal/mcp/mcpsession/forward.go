package mcpsession

import (
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// forwarded marks a forwarded request, which is never forwarded again, to prevent
// loops.
const forwarded = "Mcp-Session-Forwarded"

// Forward passes a request on to the task that has its session, unchanged and
// with its key, which that task checks itself. The task has to prove its identity
// first. If it cannot be reached or verified, or the request was forwarded before,
// Forward calls gone, which should respond with 404: clients then start a new session.
func (s *Store) Forward(w http.ResponseWriter, r *http.Request, owner string, gone func()) {
	if r.Header.Get(forwarded) != "" {
		gone()
		return
	}
	s.proxy(w, r, owner, gone)
}

// reverseProxy forwards a request. Only [New] refers to it, so that a server without
// sessions, such as the Lambda functions, does not link net/http/httputil.
func (s *Store) reverseProxy(w http.ResponseWriter, r *http.Request, owner string, gone func()) {
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: owner})
			p.Out.Header.Set(forwarded, "1")
		},
		// This task has written the CORS headers already; browsers reject a
		// response that has them twice.
		ModifyResponse: func(resp *http.Response) error {
			for name := range resp.Header {
				if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
					resp.Header.Del(name)
				}
			}
			return nil
		},
		Transport:     s.o.Transport,
		FlushInterval: -1, // at once
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { gone() },
		ErrorLog:      log.New(io.Discard, "", 0), // plain text among JSON, for each stream of a task that ends
	}
	proxy.ServeHTTP(w, r)
}

// transport returns the transport between tasks, which verifies each connection (see
// dialPeer). Each request gets a new connection: an idle one may lead to a host that has
// vanished, and a request on it would wait forever, because a call may be silent for any
// time and so has no timeout.
func (s *Store) transport() http.RoundTripper {
	return &http.Transport{DialContext: s.dialPeer, DisableKeepAlives: true, DisableCompression: true}
}
