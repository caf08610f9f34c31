package doctor_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"serverless-mcp/internal/clients/mcpclient"
)

func result(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
	fmt.Fprint(w, `{"jsonrpc":"2.0","id":1,"result":{}}`)
}

// discovers answers server/discover with a JSON list of versions.
func discovers(versions string) reaction {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"result":{"supportedVersions":%s}}`, versions)
	}
}

// closeConnection closes the connection without a response.
func closeConnection(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }

func retryAfter(seconds int) reaction {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Retry-After", fmt.Sprint(seconds))
		w.WriteHeader(http.StatusTooManyRequests)
	}
}

func asGoodKey(w http.ResponseWriter, r *http.Request, next http.Handler) {
	r.Header.Set(mcpclient.KeyHeader, goodKey)
	next.ServeHTTP(w, r)
}

// once returns a fault for the first request with the key only.
func once(do reaction) func(*fixture) middleware {
	return func(f *fixture) middleware {
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			f.mu.Lock()
			first := f.keys == 1 && r.Header.Get(mcpclient.KeyHeader) == goodKey
			f.mu.Unlock()
			if first {
				do(w, r, next)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
}

// bucket returns a throttle: a token bucket of size burst that is refilled with rate tokens
// a second.
func bucket(rate, burst float64) func(*fixture) middleware {
	return func(f *fixture) middleware {
		tokens, filled := burst, f.clock()
		return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
			f.mu.Lock()
			tokens = min(burst, tokens+rate*f.now.Sub(filled).Seconds())
			filled = f.now
			let := tokens >= 1
			if let {
				tokens--
			}
			f.mu.Unlock()
			if !let {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			next.ServeHTTP(w, r)
		}
	}
}

// bearerOnly accepts keys as bearer tokens only.
func bearerOnly(*fixture) middleware {
	return func(w http.ResponseWriter, r *http.Request, _ string, next http.Handler) {
		r.Header.Del(mcpclient.KeyHeader)
		if token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
			r.Header.Set(mcpclient.KeyHeader, token)
		}
		next.ServeHTTP(w, r)
	}
}

func readable(body string) io.ReadCloser { return io.NopCloser(strings.NewReader(body)) }
