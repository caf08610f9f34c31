package awsfake

import "cmp"

type describeSecretOutput struct {
	ARN, Name                    string
	CreatedDate, LastChangedDate float64
	VersionIdsToStages           map[string][]string `json:",omitempty"`
}

// describeSecret returns labelled versions only.
func (s *SecretsManager) describeSecret(in struct{ SecretId string }) (*describeSecretOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, err := s.find(in.SecretId)
	if err != nil {
		return nil, err
	}
	out := &describeSecretOutput{ARN: sec.arn, Name: sec.name, CreatedDate: seconds(sec.created), LastChangedDate: seconds(sec.changed)}
	for _, v := range sec.versions {
		if labels := sec.labelsOf(v); len(labels) > 0 {
			if out.VersionIdsToStages == nil {
				out.VersionIdsToStages = map[string][]string{}
			}
			out.VersionIdsToStages[v.id] = labels
		}
	}
	return out, nil
}

type listSecretVersionIDsInput struct {
	SecretId, NextToken string
	IncludeDeprecated   bool
	MaxResults          int
}

type listedVersion struct {
	VersionId     string
	VersionStages []string `json:",omitempty"`
	CreatedDate   float64
}

type listSecretVersionIDsOutput struct {
	ARN, Name string
	Versions  []listedVersion
	NextToken string `json:",omitempty"`
}

// listSecretVersionIDs omits versions without a label unless IncludeDeprecated is
// set, and returns at most 100 per page.
func (s *SecretsManager) listSecretVersionIDs(in listSecretVersionIDsInput) (*listSecretVersionIDsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, err := s.find(in.SecretId)
	if err != nil {
		return nil, err
	}
	page := cmp.Or(in.MaxResults, 100)
	out := &listSecretVersionIDsOutput{ARN: sec.arn, Name: sec.name, Versions: []listedVersion{}}
	waiting := in.NextToken != "" // a token is the id of the last version of the previous page
	for _, v := range sec.versions {
		labels := sec.labelsOf(v)
		switch {
		case waiting:
			waiting = v.id != in.NextToken
		case len(labels) == 0 && !in.IncludeDeprecated:
		case len(out.Versions) == page:
			out.NextToken = out.Versions[page-1].VersionId
			return out, nil
		default:
			out.Versions = append(out.Versions, listedVersion{v.id, labels, seconds(v.created)})
		}
	}
	if waiting {
		return nil, newError("InvalidNextTokenException", "The NextToken value is invalid.")
	}
	return out, nil
}
