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

// Purposes of a change. Only Revoking may use the last versions below the quota.
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

	removable []time.Time // when versions without a label can be removed, in order
}

func (c *VersionCapacity) add(created time.Time, labelled bool, now time.Time) {
	removable := created.Add(minVersionAge)
	if !labelled && !removable.After(now) {
		return
	}
	c.Versions++
	if !labelled {
		c.removable = append(c.removable, removable)
	}
}

// availableAt returns when the number of versions falls below the limit; zero means
// that waiting does not help.
func (c VersionCapacity) availableAt(limit int) time.Time {
	if i := c.Versions - limit; i >= 0 && i < len(c.removable) {
		return c.removable[i]
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
