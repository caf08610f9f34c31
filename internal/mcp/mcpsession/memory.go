package mcpsession

// Memory of a stored event in addition to its data, and of a stream, in bytes.
const (
	eventOverhead  = 64
	streamOverhead = 512
)

// grow changes the size of a session's events by n bytes.
func (s *Session) grow(n int) {
	s.size += n
	if !s.ended {
		s.store.bytes.Add(int64(n))
	}
}

// forget subtracts the bytes of a session that has ended from the store's total. It is
// called once.
func (s *Session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store.bytes.Add(-int64(s.size))
	s.ended = true
}

// enforce drops events until all sessions together are within MaxBytes.
func (s *Store) enforce() {
	for s.bytes.Load() > int64(s.o.MaxBytes) && s.drop() {
	}
}

// drop drops events of the largest session of the key that has stored the most. It
// reports whether it dropped any.
func (s *Store) drop() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	largest := s.largest()
	return largest != nil && largest.halve()
}

// largest returns the session with the most bytes of the key with the most bytes.
func (s *Store) largest() *Session {
	bytes := map[string]int{} // by key
	largest := map[string]*Session{}
	sizes := map[*Session]int{}
	most := ""
	for _, sess := range s.sessions {
		size := sess.bytes()
		sizes[sess] = size
		if bytes[sess.keyID] += size; bytes[sess.keyID] >= bytes[most] {
			most = sess.keyID
		}
		if other := largest[sess.keyID]; other == nil || size > sizes[other] {
			largest[sess.keyID] = sess
		}
	}
	return largest[most]
}

func (s *Session) bytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// halve drops the older half of a session's events. It reports whether it dropped any.
func (s *Session) halve() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.size
	limit := s.limit
	s.limit = before / 2
	s.trim()
	s.limit = limit
	return s.size < before
}
