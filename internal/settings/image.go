package settings

import "regexp"

// An ImageReference is an image in ECR.
type ImageReference struct {
	Account, Region, Repository string
	Digest                      string // sha256:...
}

// imagePattern matches what "mcpctl image --push" prints. A tag is rejected: it
// can be moved, and a task that starts later would run another image.
func imagePattern() *regexp.Regexp {
	return regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([a-z0-9][a-z0-9._/-]*)@(sha256:[0-9a-f]{64})$`)
}

// ImageReference returns the parts of Image; ok is false if it is empty.
func (c Container) ImageReference() (ref ImageReference, ok bool) {
	m := imagePattern().FindStringSubmatch(c.Image)
	if m == nil {
		return ImageReference{}, false
	}
	return ImageReference{Account: m[1], Region: m[2], Repository: m[3], Digest: m[4]}, true
}
