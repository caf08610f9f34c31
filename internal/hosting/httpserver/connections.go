package httpserver

import (
	"container/list"
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
	waiting map[net.Conn]*list.Element // without a request: new, or between two
	order   list.List                  // of those, the one that has waited longest first
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
		c.waiting = map[net.Conn]*list.Element{}
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
		c.forget(conn)
	case http.StateClosed, http.StateHijacked:
		c.all--
		c.forget(conn)
	}
	return nil
}

func (c *connections) wait(conn net.Conn) {
	c.forget(conn)
	c.waiting[conn] = c.order.PushBack(conn)
}

// forget notes that a connection does not wait any more.
func (c *connections) forget(conn net.Conn) {
	if e := c.waiting[conn]; e != nil {
		c.order.Remove(e)
		delete(c.waiting, conn)
	}
}

// longest returns the connection that has waited longest, and forgets that it waits.
// It takes the same time however many there are.
func (c *connections) longest() net.Conn {
	conn := c.order.Front().Value.(net.Conn) // the new one waits, so there is one
	c.forget(conn)
	return conn
}
