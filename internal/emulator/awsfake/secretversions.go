package awsfake

import (
	"slices"
	"time"
)

// The staging labels that Secrets Manager moves automatically.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// Quotas: https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const (
	maxVersions    = 100 // per secret; only unlabelled versions older than minVersionAge are removed
	minVersionAge  = 24 * time.Hour
	maxLabels      = 20 // per secret, over all versions
	maxSecretBytes = 65_536
)

type secret struct {
	name, arn        string
	created, changed time.Time
	versions         []*version // oldest first
	labels           []label    // in the order of attachment
}

type version struct {
	id, value string
	created   time.Time
}

// label is a staging label, which is attached to exactly one version.
type label struct {
	name string
	on   *version
}

// byID returns a version, or nil.
func (s *secret) byID(id string) *version {
	if i := slices.IndexFunc(s.versions, func(v *version) bool { return v.id == id }); i >= 0 {
		return s.versions[i]
	}
	return nil
}

// labelled returns the version with a label, or nil.
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

// lookup returns the version for a GetSecretValue call; without id and stage, the
// current one.
func (s *secret) lookup(id, stage string) (*version, error) {
	if id == "" {
		if stage == "" {
			stage = current
		}
		if v := s.labelled(stage); v != nil {
			return v, nil
		}
		return nil, newError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s", stage)
	}
	v := s.byID(id)
	if v == nil {
		return nil, newError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: %s", id)
	}
	if stage != "" && s.labelled(stage) != v {
		return nil, newError("InvalidRequestException", "You provided a VersionStage that is not associated to the provided VersionId.")
	}
	return v, nil
}

// move attaches a label to a version and detaches it from any other. When AWSCURRENT
// moves, the version that had it becomes AWSPREVIOUS.
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

// makeRoom removes the oldest removable versions until one more fits.
func (s *secret) makeRoom(now time.Time) error {
	for len(s.versions) >= maxVersions {
		i := slices.IndexFunc(s.versions, func(v *version) bool {
			return len(s.labelsOf(v)) == 0 && now.Sub(v.created) >= minVersionAge
		})
		if i < 0 {
			return newError("LimitExceededException", "You've exceeded the limit of %d versions for secret %s.", maxVersions, s.arn)
		}
		s.versions = slices.Delete(s.versions, i, i+1)
	}
	return nil
}
