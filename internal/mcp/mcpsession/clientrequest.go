package mcpsession

import "strconv"

// maxClientRequests is how many requests to a client can wait for responses.
const maxClientRequests = 16

// Expect returns a new id for a request to the client, and a channel that will
// receive the response as the client sent it. The caller must call forget when
// it stops waiting. ok is false if too many requests wait already.
func (s *Session) Expect() (id string, responses <-chan []byte, forget func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) >= maxClientRequests {
		return "", nil, nil, false
	}
	s.requests++
	id = "request-" + strconv.Itoa(s.requests)
	c := make(chan []byte, 1)
	s.waiting[id] = c
	return id, c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.waiting, id)
	}, true
}

// Deliver passes a response to the caller that expects it. It reports whether a caller
// still expected it.
func (s *Session) Deliver(id string, response []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.waiting[id]
	if ok {
		delete(s.waiting, id)
		c <- response
	}
	return ok
}
