package keyregistry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Limits of CloudTrail's event history.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
const (
	EventsKept  = 90 * 24 * time.Hour // older events are deleted
	EventsDelay = 15 * time.Minute    // newer events may be missing

	lookupInterval = 600 * time.Millisecond // two calls a second are allowed
	maxLookups     = 400                    // pages of 50 events
)

// Event is a change of the secret as CloudTrail recorded it.
type Event struct {
	At      time.Time
	By      string // ARN
	Version string // the version that was put, or to which AWSCURRENT was moved
	Moved   bool   // AWSCURRENT was moved and no version was put
	Current bool   // the version was put with AWSCURRENT and became current at once
}

// Events looks up the changes of the registry's secret since a time, the oldest first.
// Failed calls changed nothing and are left out. Events needs cloudtrail:LookupEvents. It
// calls progress with the number of the account's events that it has read.
func (r *Registry) Events(ctx context.Context, trail *cloudtrail.Client, since time.Time, progress func(read int)) ([]Event, error) {
	secret, err := r.identity(ctx)
	if err != nil {
		return nil, err
	}
	var events []Event
	lookups, read := 0, 0
	for _, name := range []string{"PutSecretValue", "UpdateSecretVersionStage"} {
		pages := cloudtrail.NewLookupEventsPaginator(trail, &cloudtrail.LookupEventsInput{
			LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: &name}}, StartTime: &since,
		})
		for pages.HasMorePages() {
			if lookups++; lookups > maxLookups {
				return nil, fmt.Errorf("look up the events of the key registry: the account has more than %d events in that time", read)
			}
			if lookups > 1 {
				if err := r.o.Sleep(ctx, lookupInterval); err != nil {
					return nil, err
				}
			}
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("look up the events of the key registry: %w", err)
			}
			for _, e := range page.Events {
				if found, ok := parseEvent(e, secret); ok {
					events = append(events, found)
				}
			}
			read += len(page.Events)
			progress(read)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	return events, nil
}

// parseEvent returns the event if it changed the secret, which it may name by any of the
// identifiers in secret.
func parseEvent(e types.Event, secret []string) (Event, bool) {
	var detail struct {
		ErrorCode         string
		UserIdentity      struct{ Arn string }
		RequestParameters struct {
			SecretID           string `json:"secretId"`
			ClientRequestToken string
			VersionStages      []string
			VersionStage       string
			MoveToVersionID    string `json:"moveToVersionId"`
		}
	}
	if json.Unmarshal([]byte(aws.ToString(e.CloudTrailEvent)), &detail) != nil || detail.ErrorCode != "" {
		return Event{}, false
	}
	p := detail.RequestParameters
	out := Event{
		At: aws.ToTime(e.EventTime), By: detail.UserIdentity.Arn, Version: p.ClientRequestToken,
		Current: slices.Contains(p.VersionStages, current),
	}
	if aws.ToString(e.EventName) == "UpdateSecretVersionStage" {
		if p.VersionStage != current {
			return Event{}, false
		}
		out.Moved, out.Current, out.Version = true, false, p.MoveToVersionID
	}
	return out, slices.Contains(secret, p.SecretID)
}

// identity returns all identifiers that a caller may use for the secret: the configured
// id, the ARN and the name.
func (r *Registry) identity(ctx context.Context) ([]string, error) {
	out, err := r.o.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &r.o.ID})
	if err != nil {
		return nil, fmt.Errorf("describe the secret of the key registry: %w", err)
	}
	return []string{r.o.ID, aws.ToString(out.ARN), aws.ToString(out.Name)}, nil
}
