//go:build !linux

package configfile

// Leases exist on Linux only.
type lease struct{}

func takeLease(string) *lease      { return nil }
func (l *lease) holds([]byte) bool { return false }
func (l *lease) intact() bool      { return false }
func (l *lease) isAt(string) bool  { return false }
func (l *lease) release()          {}
