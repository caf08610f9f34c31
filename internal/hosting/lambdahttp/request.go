package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// newRequest returns the event as a request as net/http's server would have read it.
// Repeated headers arrive joined with commas and stay joined, cookies arrive
// separately and become one header, and Host is removed from the headers.
func newRequest(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	var body io.Reader = strings.NewReader(event.Body)
	if event.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(event.Body)
		if err != nil {
			return nil, fmt.Errorf("decode body of event %q: %w", event.RequestContext.RequestID, err)
		}
		body = bytes.NewReader(decoded)
	}
	r, err := http.NewRequestWithContext(ctx, event.RequestContext.HTTP.Method, "/", body)
	if err != nil {
		return nil, fmt.Errorf("read event %q: %w", event.RequestContext.RequestID, err)
	}
	r.URL = requestURL(event.RawPath, event.RawQueryString)
	r.RequestURI = r.URL.RequestURI()
	r.Host = event.RequestContext.DomainName
	for name, value := range event.Headers {
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
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
