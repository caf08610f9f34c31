package jobs

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"serverless-mcp/internal/mcp/mcpjob"
)

// The functions below are for the operator, who sees the jobs of all keys.

// Scanner lists the items of a table; *dynamodb.Client implements it.
type Scanner interface {
	Table
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// Summary is a job without its arguments and its result.
type Summary struct {
	ID      string        `json:"id"`
	KeyID   string        `json:"keyId"`
	Tool    string        `json:"tool"`
	Status  mcpjob.Status `json:"status"`
	Message string        `json:"message,omitempty"`
	Created time.Time     `json:"created"`
	Updated time.Time     `json:"updated"`
	Runs    int64         `json:"runs"` // how often a worker has started it
}

func (i item) summary() Summary {
	return Summary{
		ID: i.ID, KeyID: i.KeyID, Tool: i.Tool, Status: i.Status, Message: i.Message,
		Created: time.UnixMilli(i.Created).UTC(), Updated: time.UnixMilli(i.Updated).UTC(), Runs: i.Runs,
	}
}

// List returns the jobs of a table, the newest first. It reads the whole table, results
// included, which is billed.
func List(ctx context.Context, table Scanner, name string, now time.Time) ([]Summary, error) {
	in := &dynamodb.ScanInput{
		TableName: aws.String(name), ProjectionExpression: aws.String("#id, #key, #tool, #status, #message, #created, #updated, #runs"),
		ExpressionAttributeNames: map[string]string{
			"#id": attrID, "#key": "keyId", "#tool": "tool", "#status": "status", "#message": "message",
			"#created": "created", "#updated": "updated", "#runs": "runs",
		},
	}
	var all []Summary
	for {
		page, err := table.Scan(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list the jobs: %w", err)
		}
		for _, a := range page.Items {
			i, err := decode(a)
			if err != nil {
				return nil, err
			}
			if !i.expired(now) {
				all = append(all, i.summary())
			}
		}
		if in.ExclusiveStartKey = page.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			break
		}
	}
	slices.SortFunc(all, func(a, b Summary) int { return b.Created.Compare(a.Created) })
	return all, nil
}

// Find returns the job of any key, after a repair, or mcpjob.ErrUnknown.
func (s *Service) Find(ctx context.Context, id string) (Summary, mcpjob.Job, error) {
	i, err := s.read(ctx, id)
	if err != nil {
		return Summary{}, mcpjob.Job{}, err
	}
	i = s.repaired(ctx, i)
	return i.summary(), i.job(s.now()), nil
}

// End cancels the job of any key unless it has ended. It returns the job as it is then.
func (s *Service) End(ctx context.Context, id string) (Summary, error) {
	i, err := s.read(ctx, id)
	if err != nil {
		return Summary{}, err
	}
	if err := s.Cancel(ctx, i.KeyID, id); err != nil {
		return Summary{}, err
	}
	if i, err = s.read(ctx, id); err != nil {
		return Summary{}, err
	}
	return i.summary(), nil
}
