package keyregistry

import "time"

// Numbers of Secrets Manager, and how we share them out.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const (
	// Quota is how many versions a secret may have, about.
	Quota = 100
	// StopAt is the number of versions at which only revoking goes on.
	StopAt = 85
	// WarnAt is the number of versions from which people are told.
	WarnAt = 70

	youngFor = 24 * time.Hour // versions are not removed before
)

// Purpose says how urgent a change is.
type Purpose int

// Revoking may use up the last versions of a day; every other change leaves
// them alone.
const (
	Issuing Purpose = iota
	Revoking
)

// limit is the number of versions at which a purpose has to wait.
func (p Purpose) limit() int {
	if p == Revoking {
		return Quota
	}
	return StopAt
}

// Room is how full a secret is with versions that Secrets Manager will not
// remove to make room: the young ones, and those with a label.
type Room struct {
	Versions int

	frees []time.Time // when versions without a label become removable, in order
}

func (r *Room) add(created time.Time, labelled bool, now time.Time) {
	frees := created.Add(youngFor)
	if !labelled && !frees.After(now) {
		return
	}
	r.Versions++
	if !labelled {
		r.frees = append(r.frees, frees)
	}
}

// until is when the number of versions falls below the limit; zero means that
// time alone does not do it.
func (r Room) until(limit int) time.Time {
	if i := r.Versions - limit; i >= 0 && i < len(r.frees) {
		return r.frees[i]
	}
	return time.Time{}
}

// check refuses a change for which there is no room.
func (r Room) check(p Purpose) error {
	if r.Versions < p.limit() {
		return nil
	}
	return &FullError{Versions: r.Versions, Until: r.until(p.limit()), Purpose: p}
}
