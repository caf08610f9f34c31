// Package mcpclient talks to one MCP server over Streamable HTTP with an API
// key: mcp-go's client, plus what a tool that holds somebody's key owes them.
// The key is never sent in the clear to another machine, never along a
// redirect, and a refusal keeps its HTTP status ([StatusError]), from which
// one can tell a wrong key from a wrong address.
package mcpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// KeyHeader is the request header that carries the key.
const KeyHeader = "x-api-key"

// Options say where to connect, and as whom.
type Options struct {
	URL     string            // the endpoint, such as https://example.com/mcp; required
	Key     string            // sent as [KeyHeader]; empty sends none
	Bearer  bool              // sends the key as a bearer token instead, as [Options.SendsBearer] says
	Name    string            // what the server is told about the client; empty means "mcpctl"
	Version string            // likewise; empty means "0"
	Base    http.RoundTripper // what carries the requests; nil means http.DefaultTransport, with its proxy settings
}

// SendsBearer reports whether the key goes as a bearer token: where that is
// wished, and at an address whose path begins with /bearer/, which is ours for
// clients that can do nothing else.
func (o Options) SendsBearer() bool {
	u, err := url.Parse(o.URL)
	return o.Bearer || err == nil && strings.HasPrefix(u.Path, "/bearer/")
}

// SetKey puts the key, if there is one, into the headers of a request.
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
	// Server is what the server says about itself.
	Server *mcp.InitializeResult
}

// ErrInsecure says that the key would travel in the clear.
var ErrInsecure = errors.New("plain http would show the key to everybody on the way")

// Connect checks the endpoint and greets the server, in the newest protocol
// version that both speak.
func Connect(ctx context.Context, o Options) (*Client, error) {
	if err := CheckURL(o.URL); err != nil {
		return nil, err
	}
	h := http.Header{}
	h.Set("User-Agent", orDefault(o.Name, "mcpctl")) // the logs show it
	o.SetKey(h)
	headers := map[string]string{}
	for name := range h {
		headers[name] = h.Get(name)
	}
	tr, err := transport.NewStreamableHTTP(o.URL,
		transport.WithHTTPBasicClient(httpClient(o.Base)), transport.WithHTTPHeaders(headers))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	c := client.NewClient(tr, client.WithDiscoverTimeout(20*time.Second)) // a cold start takes seconds
	if err := c.Start(ctx); err != nil {
		return nil, fmt.Errorf("connect to %s: %w", o.URL, err)
	}
	var hello mcp.InitializeRequest
	hello.Params.ClientInfo = mcp.Implementation{Name: orDefault(o.Name, "mcpctl"), Version: orDefault(o.Version, "0")}
	server, err := c.Initialize(ctx, hello)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to %s: %w", o.URL, plain(err))
	}
	return &Client{Client: c, Server: server}, nil
}

// CheckURL refuses what is no endpoint's address, and plain http to anything
// but this machine with [ErrInsecure].
func CheckURL(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return fmt.Errorf("%q is not an endpoint, need a form like https://example.com/mcp", endpoint)
	case u.User != nil:
		return errors.New("the endpoint has a user name or password in it; the key goes into a header")
	case u.Scheme == "http" && !IsLoopback(u.Hostname()):
		return fmt.Errorf("%s: %w", endpoint, ErrInsecure)
	}
	return nil
}

// IsLoopback reports whether host, a name or an address without a port, is
// this machine.
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
