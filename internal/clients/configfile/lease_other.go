//go:build !linux

package configfile

// A lease would keep other programs from opening a file.
type lease struct{}

func takeLease(string) *lease      { return nil }
func (l *lease) holds([]byte) bool { return false }
func (l *lease) intact() bool      { return false }
func (l *lease) isAt(string) bool  { return false }
func (l *lease) release()          {}
