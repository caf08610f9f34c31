package httpserver

import (
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// connections limits the connections of a server and the requests that are handled at
// once. A new connection beyond the limit closes the one that has waited longest. A
// connection waits while no request on it is being handled: its client has sent no
// request or only part of it, does not read the response, or does not send the body of
// a rejected request. Since maxRequests is less than max, there is always a waiting
// connection to close. So a client that opens thousands of connections loses its own,
// and the health check and other clients still get through.
type connections struct {
	max         int
	maxRequests int // less than max

	mu       sync.Mutex
	requests int                        // being handled
	open     map[net.Conn]*list.Element // all connections; the element is in waiting unless a request is being handled
	waiting  list.List                  // of net.Conn, longest wait first
}

type connectionKey struct{}

// withConnection implements http.Server.ConnContext, for [connections.begin].
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

// change implements http.Server.ConnState.
func (c *connections) change(conn net.Conn, state http.ConnState) {
	if over := c.record(conn, state); over != nil {
		_ = over.Close() // net/http then sees a client that has disconnected
	}
}

// record stores the new state of a connection and returns the connection to close, or nil.
func (c *connections) record(conn net.Conn, state http.ConnState) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		if c.open == nil {
			c.open = map[net.Conn]*list.Element{}
		}
		c.open[conn] = c.waiting.PushBack(conn)
		if len(c.open) > c.max {
			return c.takeLongest()
		}
	case http.StateIdle:
		c.stopWaiting(conn)
		c.startWaiting(conn)
	case http.StateClosed, http.StateHijacked:
		c.stopWaiting(conn)
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
	c.stopWaiting(conn)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.requests--
		c.startWaiting(conn)
	}, true
}

// startWaiting puts a connection at the end of waiting, unless it is no longer open.
func (c *connections) startWaiting(conn net.Conn) {
	if _, ok := c.open[conn]; ok {
		c.open[conn] = c.waiting.PushBack(conn)
	}
}

// stopWaiting removes a connection from waiting.
func (c *connections) stopWaiting(conn net.Conn) {
	if e := c.open[conn]; e != nil {
		c.waiting.Remove(e)
	}
}

// takeLongest removes the connection that has waited longest from waiting and returns it,
// in constant time.
func (c *connections) takeLongest() net.Conn {
	conn := c.waiting.Front().Value.(net.Conn) // not empty: the new connection waits
	c.stopWaiting(conn)
	return conn
}
