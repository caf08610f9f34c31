package httpserver

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connections limits the connections of a server and the requests that are handled at
// once. A connection beyond the limit closes the one that has waited longest, that is,
// whose request is not being handled: it has sent none or half of one, or its client
// does not read the response or does not send the body of a rejected request. As fewer
// requests are handled than there may be connections, a new connection always finds one
// to close. So a client that opens thousands of connections loses its own, and the
// health check and other clients still get through.
type connections struct {
	max         int
	maxRequests int // less than max

	mu       sync.Mutex
	requests int                        // being handled
	open     map[net.Conn]*list.Element // all connections, with their place in waiting, which they leave while a request is handled
	waiting  list.List                  // the one that has waited longest first
}

type connectionKey struct{}

// withConnection implements http.Server.ConnContext, for [connections.begin].
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// change implements http.Server.ConnState.
func (c *connections) change(conn net.Conn, state http.ConnState) {
	if over := c.note(conn, state); over != nil {
		_ = over.Close() // net/http sees it as the client's disconnect
	}
}

// note returns the connection to close, or nil.
func (c *connections) note(conn net.Conn, state http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = map[net.Conn]*list.Element{}
		}
		c.open[conn] = c.waiting.PushBack(conn)
		if len(c.open) > c.max {
			return c.longest()
		}
	case http.StateIdle:
		c.handled(conn)
		c.waits(conn)
	case http.StateClosed, http.StateHijacked:
		c.handled(conn)
		delete(c.open, conn)
	}
	return nil
}

// begin reports whether the request of a connection may be handled. If so, end must be
// called afterwards.
func (c *connections) begin(ctx context.Context) (end func(), ok bool) {
	conn, _ := ctx.Value(connectionKey{}).(net.Conn)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.requests >= c.maxRequests {
		return nil, false
	}
	c.requests++
	c.handled(conn)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests--
		c.waits(conn)
	}, true
}

// waits notes that a connection waits, from now on, unless it is no longer open.
func (c *connections) waits(conn net.Conn) {
	if _, ok := c.open[conn]; ok {
		c.open[conn] = c.waiting.PushBack(conn)
	}
}

// handled notes that a connection does not wait.
func (c *connections) handled(conn net.Conn) {
	if e := c.open[conn]; e != nil {
		c.waiting.Remove(e)
	}
}

// longest returns the connection that has waited longest, which is closed and does not
// wait any more. It takes the same time however many there are.
func (c *connections) longest() net.Conn {
	conn := c.waiting.Front().Value.(net.Conn) // the new one waits, so there is one
	c.handled(conn)
	return conn
}
