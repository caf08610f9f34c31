// Package mcpclient calls one MCP server over Streamable HTTP with an API key. It is
// mcp-go's client with the precautions that a program with a key needs: the key is never
// sent unencrypted to another machine, and never along a redirect; the size of responses is
// limited; errors keep the HTTP status ([StatusError]), which distinguishes a wrong key
// from a wrong URL, and contain no text of the server that could control a terminal.
package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// KeyHeader is the request header that carries the key.
const KeyHeader = "x-api-key"

// discoverTimeout is how long the first request may take; a cold start takes
// seconds.
const discoverTimeout = 20 * time.Second

// requestTimeout limits a request that calls no tool. It is more than an HTTP API takes.
const requestTimeout = 35 * time.Second

// Options name the server and the key.
type Options struct {
	URL       string            // the endpoint, such as https://example.com/mcp; required
	Key       string            // sent in [KeyHeader]; empty sends none
	Bearer    bool              // sends the key as a bearer token instead, see [Options.SendsBearer]
	Name      string            // client name and user agent; empty means "mcpctl"
	Version   string            // client version; empty means "0"
	Transport http.RoundTripper // nil means http.DefaultTransport, with its proxy settings
}

// SendsBearer reports whether the key is sent as a bearer token: if Bearer is
// set, and at a URL whose path begins with /bearer/, which is this project's
// endpoint for clients that cannot send other headers.
func (o Options) SendsBearer() bool {
	u, err := url.Parse(o.URL)
	return o.Bearer || err == nil && strings.HasPrefix(u.Path, "/bearer/")
}

// SetKey sets the header with the key, if there is a key.
func (o Options) SetKey(h http.Header) {
	switch {
	case o.Key == "":
	case o.SendsBearer():
		h.Set("Authorization", "Bearer "+o.Key)
	default:
		h.Set(KeyHeader, o.Key)
	}
}

// Client is a connection to a server. Close it.
type Client struct {
	*client.Client
	// Server is what the server returned about itself. Print its texts with
	// package printable.
	Server *mcp.InitializeResult
}

// ErrInsecure means that the key would be sent unencrypted.
var ErrInsecure = errors.New("plain http would show the key to everyone on the network path")

// Connect checks the URL and initializes a connection in the newest protocol
// version that both sides support.
func Connect(ctx context.Context, o Options) (*Client, error) {
	if err := CheckURL(o.URL); err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("User-Agent", orDefault(o.Name, "mcpctl")) // for the server's log
	o.SetKey(h)
	headers := map[string]string{}
	for name := range h {
		headers[name] = h.Get(name)
	}
	tr, err := transport.NewStreamableHTTP(o.URL,
		transport.WithHTTPBasicClient(httpClient(o.Transport, new(atomic.Int64))), transport.WithHTTPHeaders(headers))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	c := client.NewClient(tr, client.WithDiscoverTimeout(discoverTimeout))
	if err := c.Start(ctx); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	var r mcp.InitializeRequest
	r.Params.ClientInfo = mcp.Implementation{Name: orDefault(o.Name, "mcpctl"), Version: orDefault(o.Version, "0")}
	ctx, cancel := context.WithTimeout(ctx, discoverTimeout+requestTimeout)
	defer cancel()
	server, err := c.Initialize(ctx, r)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to %s: %w", o.URL, cause(err))
	}
	return &Client{Client: c, Server: server}, nil
}

// CheckURL rejects a text that is not the URL of an endpoint, and, with [ErrInsecure],
// plain http to another machine.
func CheckURL(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fmt.Errorf("%q is not an endpoint, need a form like https://example.com/mcp", endpoint)
	case u.User != nil:
		return errors.New("the endpoint contains a user name or password; the key is sent in a header")
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return fmt.Errorf("%s: %w", endpoint, ErrInsecure)
	}
	return nil
}

// IsLoopback reports whether host, a name or an address without a port, is this
// machine.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func orDefault(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
