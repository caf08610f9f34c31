package lambdahost

// takeIdle returns the most recently used idle instance, or nil. It drops
// instances whose process has died. The caller holds the lock.
func (f *Function) takeIdle() *instance {
	for len(f.idle) > 0 {
		in := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if in.alive() {
			return in
		}
		f.count--
		delete(f.live, in)
		f.work.Go(func() { in.stop(false) }) // closes its Runtime API
	}
	return nil
}

// adopt registers a new process; false means that the function has been closed.
func (f *Function) adopt(in *instance) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.live[in] = true
	}
	return !f.closed
}

// giveBack makes in idle, or stops it if the function was closed or replaced.
func (f *Function) giveBack(in *instance) {
	f.mu.Lock()
	wanted := !f.closed && in.generation == f.generation
	if wanted {
		f.idle = append(f.idle, in)
	}
	f.mu.Unlock()
	if !wanted {
		f.drop(in, true)
	}
}

// drop stops in and removes it.
func (f *Function) drop(in *instance, gently bool) {
	in.stop(gently)
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.live, in)
}

// vacate releases the right to one instance of a generation.
func (f *Function) vacate(generation int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if generation == f.generation {
		f.count--
	}
}
