package httpserver

import (
	"net"
	"net/http"
	"sync"
)

// connections limits the connections of a server. One beyond the limit closes the
// connection that has waited longest for a request; if every other one has a request,
// it is closed itself. So a client that opens thousands of connections loses its own,
// and the health check and other clients still get through.
type connections struct {
	max int

	mu      sync.Mutex
	all     int
	clock   uint64              // orders the connections that wait
	waiting map[net.Conn]uint64 // without a request: new, or between two
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
	if c.waiting == nil {
		c.waiting = map[net.Conn]uint64{}
	}
	switch state {
	case http.StateNew:
		c.all++
		c.wait(conn)
		if c.all > c.max {
			return c.longest()
		}
	case http.StateIdle:
		c.wait(conn)
	case http.StateActive:
		delete(c.waiting, conn)
	case http.StateClosed, http.StateHijacked:
		c.all--
		delete(c.waiting, conn)
	}
	return nil
}

func (c *connections) wait(conn net.Conn) {
	c.clock++
	c.waiting[conn] = c.clock
}

// longest returns the connection that has waited longest, and forgets that it waits.
func (c *connections) longest() (conn net.Conn) {
	first := c.clock + 1
	for candidate, since := range c.waiting {
		if since < first {
			conn, first = candidate, since
		}
	}
	delete(c.waiting, conn)
	return conn
}
