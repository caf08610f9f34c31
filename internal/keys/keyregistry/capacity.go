package keyregistry

import "time"

// The quota of Secrets Manager, and the thresholds below it.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const (
	// Quota is the approximate number of versions that a secret may have.
	Quota = 100
	// StopAt is the number of versions from which only revoking is possible.
	StopAt = 85
	// WarnAt is the number of versions from which callers should warn.
	WarnAt = 70

	minVersionAge = 24 * time.Hour // Secrets Manager removes no younger version
)

// Purpose is the urgency of a change.
type Purpose int

// Revoking may use the last versions of a day; other changes may not.
const (
	Issuing Purpose = iota
	Revoking
)

// limit returns the number of versions at which a change with this purpose is
// rejected.
func (p Purpose) limit() int {
	if p == Revoking {
		return Quota
	}
	return StopAt
}

// VersionCapacity counts the versions of a secret that Secrets Manager will not
// remove to make room: those younger than a day and those with a label.
type VersionCapacity struct {
	Versions int

	frees []time.Time // when versions without a label become removable, in order
}

func (c *VersionCapacity) add(created time.Time, labelled bool, now time.Time) {
	frees := created.Add(minVersionAge)
	if !labelled && !frees.After(now) {
		return
	}
	c.Versions++
	if !labelled {
		c.frees = append(c.frees, frees)
	}
}

// availableAt returns when the number of versions falls below the limit; zero
// means that this does not happen by waiting.
func (c VersionCapacity) availableAt(limit int) time.Time {
	if i := c.Versions - limit; i >= 0 && i < len(c.frees) {
		return c.frees[i]
	}
	return time.Time{}
}

// check returns a [FullError] if a change with this purpose must wait.
func (c VersionCapacity) check(p Purpose) error {
	if c.Versions < p.limit() {
		return nil
	}
	return &FullError{Versions: c.Versions, Until: c.availableAt(p.limit()), Purpose: p}
}
