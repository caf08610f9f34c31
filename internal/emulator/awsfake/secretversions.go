package awsfake

import (
	"slices"
	"time"
)

// The staging labels that Secrets Manager itself knows.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Quotas: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const (
	maxVersions    = 100 // of a secret; only versions without a label and older than minVersionAge make room
	minVersionAge  = 24 * time.Hour
	maxLabels      = 20 // of all versions of a secret together
	maxSecretBytes = 65_536
)

type secret struct {
	name, arn        string
	created, changed time.Time
	versions         []*version // oldest first
	labels           []label    // in the order in which they were attached
}

type version struct {
	id, value string
	created   time.Time
}

// label is on one version only, which its place here ensures.
type label struct {
	name string
	on   *version
}

// byID gives a version, nil if there is none of that id.
func (s *secret) byID(id string) *version {
	if i := slices.IndexFunc(s.versions, func(v *version) bool { return v.id == id }); i >= 0 {
		return s.versions[i]
	}
	return nil
}

// labelled gives the version that has a label, nil if none has.
func (s *secret) labelled(name string) *version {
	if i := slices.IndexFunc(s.labels, func(l label) bool { return l.name == name }); i >= 0 {
		return s.labels[i].on
	}
	return nil
}

func (s *secret) labelsOf(v *version) []string {
	var names []string
	for _, l := range s.labels {
		if l.on == v {
			names = append(names, l.name)
		}
	}
	return names
}

// lookup finds what GetSecretValue is asked for; without id and stage, the
// current version.
func (s *secret) lookup(id, stage string) (*version, error) {
	if id == "" {
		if stage == "" {
			stage = current
		}
		if v := s.labelled(stage); v != nil {
			return v, nil
		}
		return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	v := s.byID(id)
	if v == nil {
		return nil, refuse("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	if stage != "" && s.labelled(stage) != v {
		return nil, refuse("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.")
	}
	return v, nil
}

// move attaches a label to a version, which takes it off any other. Where it
// is AWSCURRENT, the version that had it becomes AWSPREVIOUS.
func (s *secret) move(name string, to *version) {
	from := s.labelled(name)
	if from == to {
		return
	}
	s.detach(name)
	s.labels = append(s.labels, label{name, to})
	if name == current && from != nil {
		s.move(previous, from)
	}
}

func (s *secret) detach(name string) {
	s.labels = slices.DeleteFunc(s.labels, func(l label) bool { return l.name == name })
}

// add appends a version with labels.
func (s *secret) add(v *version, labels []string) {
	s.versions = append(s.versions, v)
	for _, name := range labels {
		s.move(name, v)
	}
	s.changed = v.created
}

// makeRoom drops the oldest versions that may go until one more fits.
func (s *secret) makeRoom(now time.Time) error {
	for len(s.versions) >= maxVersions {
		i := slices.IndexFunc(s.versions, func(v *version) bool {
			return len(s.labelsOf(v)) == 0 && now.Sub(v.created) >= minVersionAge
		})
		if i < 0 {
			return refuse("LimitExceededException", "You've exceeded the limit of %d versions for secret %s.", maxVersions, s.arn)
		}
		s.versions = slices.Delete(s.versions, i, i+1)
	}
	return nil
}
