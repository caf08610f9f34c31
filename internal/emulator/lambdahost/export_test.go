package lambdahost

import "serverless-mcp/internal/emulator/childproc"

// Live returns the number of processes that have not been stopped.
func (f *Function) Live() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.live)
}

// KillIdle kills the processes of idle instances and waits until they have exited.
func (f *Function) KillIdle() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, in := range f.idle {
		childproc.Kill(in.cmd.Process)
		<-in.exited
	}
}
