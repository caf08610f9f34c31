package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// newRequest returns the event as a request as net/http's server would have read it.
// Repeated headers arrive joined with commas and stay joined, cookies arrive
// separately and become one header, and Host is removed from the headers.
func newRequest(ctx context.Context, event Event) (*http.Request, error) {
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		body = make([]byte, base64.StdEncoding.DecodedLen(len(event.Body)))
		n, err := base64.StdEncoding.Decode(body, event.Body)
		if err != nil {
			return nil, fmt.Errorf("decode body of event %q: %w", event.RequestContext.RequestID, err)
		}
		body = body[:n]
	}
	r, err := http.NewRequestWithContext(ctx, event.RequestContext.HTTP.Method, "/", nil)
	if err != nil {
		return nil, fmt.Errorf("read event %q: %w", event.RequestContext.RequestID, err)
	}
	if r.Body = http.NoBody; len(body) > 0 {
		r.Body, r.ContentLength = memoryBody{bytes.NewBuffer(body)}, int64(len(body))
	}
	r.URL = requestURL(event.RawPath, event.RawQueryString)
	r.RequestURI = r.URL.RequestURI()
	r.Host = event.RequestContext.DomainName
	if r.Header = event.Header; r.Header == nil {
		r.Header = http.Header{}
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	if len(event.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	if ip := event.RequestContext.HTTP.SourceIP; ip != "" {
		r.RemoteAddr = net.JoinHostPort(ip, "0") // the event has no port
	}
	return r, nil
}

// memoryBody is a body in memory. Its Bytes method returns the unread part, so that a
// handler can use it without a copy.
type memoryBody struct{ *bytes.Buffer }

// Close implements [io.Closer]; memory needs no closing.
func (memoryBody) Close() error { return nil }

// requestURL returns a URL with the decoded path and the path as it was sent. A path
// with invalid escapes is taken literally.
func requestURL(rawPath, rawQuery string) *url.URL {
	if rawPath == "" {
		rawPath = "/"
	}
	u := &url.URL{Path: rawPath, RawQuery: rawQuery}
	if path, err := url.PathUnescape(rawPath); err == nil {
		u.Path, u.RawPath = path, rawPath
	}
	return u
}
