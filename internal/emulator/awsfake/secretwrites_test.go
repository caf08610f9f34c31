package awsfake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func TestPutSecretValue(t *testing.T) {
	type put struct {
		version int
		value   string
		stages  []string
	}
	tests := []struct {
		name string
		bare bool
		puts []put
		want map[string]string // labels by value
	}{
		{"current moves, previous follows", false, []put{{1, "a", nil}, {2, "b", nil}, {3, "c", nil}}, map[string]string{"a": "", "b": "AWSPREVIOUS", "c": "AWSCURRENT"}},
		{"first version is current whatever its labels", false, []put{{1, "a", []string{"candidate"}}}, map[string]string{"a": "candidate AWSCURRENT"}},
		{"first version is not current if bare", true, []put{{1, "a", []string{"candidate"}}}, map[string]string{"a": "candidate"}},
		{"later versions have only their labels", false, []put{{1, "a", nil}, {2, "b", []string{"candidate"}}}, map[string]string{"a": "AWSCURRENT", "b": "candidate"}},
		{"a label is on one version", false, []put{{1, "a", nil}, {2, "b", []string{"candidate"}}, {3, "c", []string{"candidate"}}}, map[string]string{"a": "AWSCURRENT", "b": "", "c": "candidate"}},
		{"current by name", false, []put{{1, "a", nil}, {2, "b", []string{"AWSCURRENT", "x"}}}, map[string]string{"a": "AWSPREVIOUS", "b": "AWSCURRENT x"}},
		{"a repeated call changes nothing", false, []put{{1, "a", nil}, {2, "b", nil}, {1, "a", nil}}, map[string]string{"a": "AWSPREVIOUS", "b": "AWSCURRENT"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSecretsManager(Options{})
			s.FirstVersionBare = tt.bare
			s.Create("s", "")
			client := secretsClient(t, s)
			write := putter(client, "s")
			for _, p := range tt.puts {
				if err := write(t.Context(), p.version, p.value, p.stages...); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, state(t, client, "s")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPutSecretValueRefusals(t *testing.T) {
	s := NewSecretsManager(Options{})
	arn := s.Create("s", "")
	client := secretsClient(t, s)
	put := putter(client, "s")
	if err := put(t.Context(), 1, strings.Repeat("x", 65_536)); err != nil {
		t.Errorf("64 KB: %v", err)
	}
	wantError(t, put(t.Context(), 1, "other"), "ResourceExistsException",
		"You can't use ClientRequestToken "+versionID(1)+" because that value is already in use for a version of secret "+arn+".")
	wantError(t, put(t.Context(), 2, strings.Repeat("x", 65_537)), "ValidationException",
		"1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536")
	wantError(t, put(t.Context(), 2, ""), "InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	_, err := client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("s"), SecretString: aws.String("x"), ClientRequestToken: aws.String("short")})
	wantError(t, err, "InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")
	wantError(t, putter(client, "none")(t.Context(), 1, "x"), "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	for i := range 19 { // AWSCURRENT is the first of twenty
		if err := put(t.Context(), 10+i, "x", fmt.Sprint("label", i)); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, put(t.Context(), 50, "x", "one-more"), "LimitExceededException", "You've exceeded the limit of 20 staging labels for secret "+arn+".")
	if err := put(t.Context(), 50, "x", "label0"); err != nil {
		t.Errorf("moving a label counts against the quota: %v", err)
	}
}

// TestVersionQuota: neither young nor labelled versions are removed.
func TestVersionQuota(t *testing.T) {
	c := newClock()
	s := NewSecretsManager(Options{Now: c.Now})
	arn := s.Create("s", "")
	client := secretsClient(t, s)
	put := putter(client, "s")
	full := "You've exceeded the limit of 100 versions for secret " + arn + "."
	for i := range 100 {
		if err := put(t.Context(), i, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		c.Add(time.Minute)
	}
	wantError(t, put(t.Context(), 100, "100"), "LimitExceededException", full)
	c.Add(24*time.Hour - 100*time.Minute - 1) // the oldest is almost a day old
	wantError(t, put(t.Context(), 100, "100"), "LimitExceededException", full)
	c.Add(1)
	if err := put(t.Context(), 100, "100"); err != nil {
		t.Fatal(err)
	}
	wantError(t, put(t.Context(), 101, "101"), "LimitExceededException", full)
	versions := state(t, client, "s")
	if _, kept := versions["0"]; kept || len(versions) != 100 || versions["100"] != "AWSCURRENT" || versions["99"] != "AWSPREVIOUS" {
		t.Errorf("got %d versions: %v", len(versions), versions)
	}
	c.Add(48 * time.Hour) // all are old, but the labelled ones stay
	for i := range 200 {
		if err := put(t.Context(), 200+i, fmt.Sprint(200+i), "candidate"); err != nil {
			t.Fatal(err)
		}
		c.Add(time.Hour)
	}
	if versions := state(t, client, "s"); versions["100"] != "AWSCURRENT" || versions["99"] != "AWSPREVIOUS" || versions["399"] != "candidate" {
		t.Errorf("got %v", versions)
	}
}

func TestUpdateSecretVersionStage(t *testing.T) {
	v1, v2, v3 := versionID(1), versionID(2), versionID(3)
	const invalid = "InvalidParameterException"
	mismatch := func(label string) string {
		return "When you move staging label " + label + ", if you specify RemoveFromVersionId, it must be set to the version that currently has the staging label " + label + "."
	}
	tests := []struct {
		name, stage, to, from string
		want                  map[string]string // nil means refused, and nothing changed
		code, message         string
	}{
		{"compare and swap", current, v3, v2, map[string]string{"a": "", "b": "AWSPREVIOUS", "c": "candidate AWSCURRENT"}, "", ""},
		{"lost race", current, v3, v1, nil, invalid, mismatch(current)},
		{"swapped already", current, v2, v1, nil, invalid, mismatch(current)},
		{"without naming the holder", current, v3, "", nil, invalid, "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version " + v2 + ", so you must explicitly reference that version in RemoveFromVersionId."},
		{"to the version that has it", current, v2, "", map[string]string{"a": "AWSPREVIOUS", "b": "AWSCURRENT", "c": "candidate"}, "", ""},
		{"a new label", "x", v1, "", map[string]string{"a": "AWSPREVIOUS x", "b": "AWSCURRENT", "c": "candidate"}, "", ""},
		{"a new label from somewhere", "x", v1, v2, nil, invalid, mismatch("x")},
		{"another label leaves AWSPREVIOUS alone", "candidate", v1, v3, map[string]string{"a": "AWSPREVIOUS candidate", "b": "AWSCURRENT", "c": ""}, "", ""},
		{"remove", "candidate", "", v3, map[string]string{"a": "AWSPREVIOUS", "b": "AWSCURRENT", "c": ""}, "", ""},
		{"remove where it is not", "candidate", "", v1, nil, invalid, mismatch("candidate")},
		{"remove AWSCURRENT", current, "", v2, nil, invalid, "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed."},
		{"neither", "candidate", "", "", nil, invalid, "You must specify MoveToVersionId, RemoveFromVersionId or both."},
		{"no such version", current, versionID(9), v2, nil, invalid, "Not a valid version: " + versionID(9)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSecretsManager(Options{})
			s.Create("s", "")
			client := secretsClient(t, s)
			put := putter(client, "s")
			if err := errors.Join(put(t.Context(), 1, "a"), put(t.Context(), 2, "b"), put(t.Context(), 3, "c", "candidate")); err != nil {
				t.Fatal(err)
			}
			err := move(t.Context(), client, tt.stage, tt.to, tt.from)
			if tt.want == nil {
				wantError(t, err, tt.code, tt.message)
				tt.want = map[string]string{"a": "AWSPREVIOUS", "b": "AWSCURRENT", "c": "candidate"}
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, state(t, client, "s")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func move(ctx context.Context, client *secretsmanager.Client, stage, to, from string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: aws.String("s"), VersionStage: &stage}
	if to != "" {
		in.MoveToVersionId = &to
	}
	if from != "" {
		in.RemoveFromVersionId = &from
	}
	_, err := client.UpdateSecretVersionStage(ctx, in)
	return err
}

// TestOneSwapWins: of several writers that read the same current version, only one moves the
// label.
func TestOneSwapWins(t *testing.T) {
	s := NewSecretsManager(Options{})
	s.Create("s", "")
	client := secretsClient(t, s)
	put := putter(client, "s")
	const writers = 10
	for i := range writers + 1 {
		stages := []string{fmt.Sprint("candidate", i)}
		if i == 0 {
			stages = nil
		}
		if err := put(t.Context(), i, fmt.Sprint(i), stages...); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	won := make(chan int, writers)
	for i := 1; i <= writers; i++ {
		wg.Go(func() {
			err := move(t.Context(), client, current, versionID(i), versionID(0))
			var refused smithy.APIError
			switch {
			case err == nil:
				won <- i
			case !errors.As(err, &refused) || refused.ErrorCode() != "InvalidParameterException":
				t.Error(err)
			}
		})
	}
	wg.Wait()
	close(won)
	if len(won) != 1 {
		t.Errorf("%d writers won, want 1", len(won))
	}
}
