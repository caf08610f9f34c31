package mcpsession

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"
)

// forwarded marks a request that a task has passed on. It is not passed on
// again: no two tasks can play ball with it.
const forwarded = "Mcp-Session-Forwarded"

// Forward passes a request on to the task that has its session, as it came, key
// and all: that task checks the key itself. If the task cannot be reached, or
// the request was passed on once before, gone answers, which should say 404: on
// that a client begins a new session.
func (s *Store) Forward(w http.ResponseWriter, r *http.Request, owner string, gone func()) {
	if r.Header.Get(forwarded) != "" {
		gone()
		return
	}
	proxy := httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: owner})
			p.Out.Header.Set(forwarded, "1")
		},
		// What browsers ask for this task has written already; twice it counts
		// for nothing.
		ModifyResponse: func(resp *http.Response) error {
			for name := range resp.Header {
				if name == "Vary" || strings.HasPrefix(name, "Access-Control-") {
					resp.Header.Del(name)
				}
			}
			return nil
		},
		Transport:     s.o.Transport,
		FlushInterval: -1, // as it comes
		ErrorHandler:  func(http.ResponseWriter, *http.Request, error) { gone() },
	}
	proxy.ServeHTTP(w, r)
}

// transport reaches neighbours: what does not connect at once is gone. Each
// request has a connection of its own. One that was kept may lead to a host that
// has vanished without a word, and a request on it would wait for nothing; there
// is no limit to how long a call may be silent. A host that vanishes during a
// call is missed within half a minute.
func transport() http.RoundTripper {
	missed := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
	return &http.Transport{
		DialContext:        (&net.Dialer{Timeout: 2 * time.Second, KeepAliveConfig: missed}).DialContext,
		DisableKeepAlives:  true,
		DisableCompression: true,
	}
}
