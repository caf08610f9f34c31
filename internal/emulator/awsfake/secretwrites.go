package awsfake

import (
	"slices"

	"github.com/google/uuid"
)

type putSecretValueInput struct {
	SecretId, ClientRequestToken string
	SecretString                 *string
	VersionStages                []string
}

type putSecretValueOutput struct {
	ARN, Name, VersionId string
	VersionStages        []string
}

func (s *SecretsManager) putSecretValue(in putSecretValueInput) (*putSecretValueOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, err := s.find(in.SecretId)
	if err != nil {
		return nil, err
	}
	v := sec.byID(in.ClientRequestToken)
	switch {
	case v == nil:
		if v, err = s.addVersion(sec, in); err != nil {
			return nil, err
		}
	case v.value != *in.SecretString:
		return nil, newError("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.", v.id, sec.arn)
	} // otherwise the call is a retry and changes nothing
	return &putSecretValueOutput{sec.arn, sec.name, v.id, sec.labelsOf(v)}, nil
}

func (in *putSecretValueInput) check() error {
	switch n := len(in.ClientRequestToken); {
	case n == 0:
		in.ClientRequestToken = uuid.NewString()
	case n < 32 || n > 64:
		return newError("InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")
	}
	switch {
	case in.SecretString == nil || *in.SecretString == "":
		return newError("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	case len(*in.SecretString) > maxSecretBytes:
		return newError("ValidationException", "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to %d", maxSecretBytes)
	}
	return nil
}

func (s *SecretsManager) addVersion(sec *secret, in putSecretValueInput) (*version, error) {
	stages := slices.Clone(in.VersionStages)
	if len(stages) == 0 || len(sec.versions) == 0 && !s.FirstVersionBare {
		stages = append(stages, current)
	}
	if err := sec.checkLabels(stages); err != nil {
		return nil, err
	}
	now := s.o.Now()
	if err := sec.makeRoom(now); err != nil {
		return nil, err
	}
	v := &version{id: in.ClientRequestToken, value: *in.SecretString, created: now}
	sec.add(v, stages)
	return v, nil
}

// checkLabels returns an error if the labels would exceed the quota.
func (s *secret) checkLabels(stages []string) error {
	n := len(s.labels)
	for _, name := range stages {
		if s.labelled(name) == nil {
			n++
		}
	}
	if n > maxLabels {
		return newError("LimitExceededException", "You've exceeded the limit of %d staging labels for secret %s.", maxLabels, s.arn)
	}
	return nil
}

type updateSecretVersionStageInput struct {
	SecretId, VersionStage               string
	MoveToVersionId, RemoveFromVersionId string
}

type updateSecretVersionStageOutput struct{ ARN, Name string }

// updateSecretVersionStage implements the only operation that compares before it
// writes: to detach a label from a version, the call must name that version.
func (s *SecretsManager) updateSecretVersionStage(in updateSecretVersionStageInput) (*updateSecretVersionStageOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sec, err := s.find(in.SecretId)
	if err != nil {
		return nil, err
	}
	if err := sec.checkMove(in); err != nil {
		return nil, err
	}
	if in.MoveToVersionId == "" {
		sec.detach(in.VersionStage)
	} else {
		sec.move(in.VersionStage, sec.byID(in.MoveToVersionId))
	}
	sec.changed = s.o.Now()
	return &updateSecretVersionStageOutput{sec.arn, sec.name}, nil
}

func (s *secret) checkMove(in updateSecretVersionStageInput) error {
	for _, id := range []string{in.MoveToVersionId, in.RemoveFromVersionId} {
		if id != "" && s.byID(id) == nil {
			return newError("InvalidParameterException", "Not a valid version: %s", id)
		}
	}
	on := s.labelled(in.VersionStage)
	switch {
	case in.MoveToVersionId == "" && in.RemoveFromVersionId == "":
		return newError("InvalidParameterException", "You must specify MoveToVersionId, RemoveFromVersionId or both.")
	case in.MoveToVersionId == "" && in.VersionStage == current:
		return newError("InvalidParameterException", "You can only move staging label %s to a different secret version. It can’t be completely removed.", current)
	case in.RemoveFromVersionId != "" && (on == nil || on.id != in.RemoveFromVersionId):
		return newError("InvalidParameterException", "When you move staging label %s, if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label %s.", in.VersionStage, in.VersionStage)
	case in.RemoveFromVersionId == "" && on != nil && on.id != in.MoveToVersionId:
		return newError("InvalidParameterException", "The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.", in.VersionStage, on.id)
	}
	return s.checkLabels([]string{in.VersionStage})
}
