package limits

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"serverless-mcp/internal/keys/apikey"
)

// Attributes of the table.
const (
	KeyAttribute = "id"   // the partition key, a string: the key's name and the day
	TTLAttribute = "ends" // when DynamoDB may delete the item

	minuteAttribute = "m" // the minute of the last call, counted from 1970
	countAttribute  = "c" // calls in that minute
	dayAttribute    = "d" // calls of the day
)

// attempts limits the updates that are tried for a call. Each failed update shows a later
// minute than the update before, so two are enough unless a clock is wrong.
const attempts = 4

// keepFor is how long an item stays after its day.
const keepFor = 24 * time.Hour

// NewClient returns a client for [Options]. It does not retry: a retried update could
// count a call twice, and would exceed the timeout.
func NewClient(cfg aws.Config) *dynamodb.Client {
	return dynamodb.NewFromConfig(cfg, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
}

// usage is an item's content.
type usage struct{ minute, inMinute, inDay int64 }

// count counts the call, or returns why it is refused.
func (c *Counter) count(ctx context.Context, p apikey.Principal, now time.Time) (*Refusal, error) {
	minute := now.Unix() / 60
	c.mu.Lock()
	same := c.minutes[p.KeyID] == minute
	c.mu.Unlock()
	for range attempts {
		found, err := c.update(ctx, p, now, minute, same)
		if err == nil {
			c.mu.Lock()
			c.makeRoom(now)
			c.minutes[p.KeyID] = minute
			c.mu.Unlock()
			return nil, nil
		}
		if found == nil {
			return nil, err
		}
		// The clock of another process may be ahead. Use the later minute, so that both
		// processes count in the same one.
		same = found.minute >= minute
		minute = max(found.minute, minute)
		if r := found.refusal(p.Limits, same, minute, now); r != nil {
			return r, nil
		}
	}
	return nil, errContended
}

// refusal returns why a call is refused in this state of the item, or nil. It checks the
// day first: if the day's limit is reached, waiting for the next minute would not help.
func (u usage) refusal(l apikey.Limits, sameMinute bool, minute int64, now time.Time) *Refusal {
	switch {
	case l.Day > 0 && u.inDay >= int64(l.Day):
		return &Refusal{Limit: l.Day, Per: Day, Until: dayOf(now).Add(Day)}
	case l.Minute > 0 && sameMinute && u.inMinute >= int64(l.Minute):
		return &Refusal{Limit: l.Minute, Per: Minute, Until: time.Unix((minute+1)*60, 0)}
	}
	return nil
}

// update sends one of the two updates. If its condition fails, it returns the item,
// which may be empty, with the error.
func (c *Counter) update(ctx context.Context, p apikey.Principal, now time.Time, minute int64, same bool) (*usage, error) {
	in := &dynamodb.UpdateItemInput{
		TableName: &c.o.Table, Key: itemKey(p.KeyID, now),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":m": number(minute), ":one": number(1), ":quota": number(orMax(p.Limits.Day)),
		},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if same {
		in.ConditionExpression = aws.String("m = :m AND c < :rate AND d < :quota")
		in.UpdateExpression = aws.String("ADD c :one, d :one")
		in.ExpressionAttributeValues[":rate"] = number(orMax(p.Limits.Minute))
	} else {
		in.ConditionExpression = aws.String("attribute_not_exists(m) OR m < :m AND d < :quota")
		in.UpdateExpression = aws.String("SET m = :m, c = :one, ends = :ends ADD d :one")
		in.ExpressionAttributeValues[":ends"] = number(dayOf(now).Add(Day + keepFor).Unix())
	}
	_, err := c.o.Client.UpdateItem(ctx, in)
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		u := usageOf(failed.Item)
		return &u, err
	}
	if err != nil {
		return nil, fmt.Errorf("count the call in table %q: %w", c.o.Table, err)
	}
	return nil, nil
}

// Usage reads how many calls of a principal were counted in the current minute and
// UTC day. It counts nothing.
func (c *Counter) Usage(ctx context.Context, p apikey.Principal) (minute, day int, err error) {
	now := c.o.Now()
	ctx, cancel := context.WithTimeout(ctx, FirstTimeout)
	defer cancel()
	out, err := c.o.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &c.o.Table, Key: itemKey(p.KeyID, now)})
	if err != nil {
		return 0, 0, fmt.Errorf("read the calls of key %q from table %q: %w", p.KeyID, c.o.Table, err)
	}
	u := usageOf(out.Item)
	if u.minute < now.Unix()/60 {
		u.inMinute = 0
	}
	return int(u.inMinute), int(u.inDay), nil
}

// itemKey returns the key of the item for a key and a day. A key's name has no "#".
func itemKey(keyID string, now time.Time) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{KeyAttribute: &types.AttributeValueMemberS{Value: keyID + "#" + dayOf(now).Format(time.DateOnly)}}
}

func dayOf(now time.Time) time.Time { return now.UTC().Truncate(Day) }

// orMax returns a limit, or a number that is never reached if there is none.
func orMax(limit int) int64 {
	if limit == 0 {
		return math.MaxInt64
	}
	return int64(limit)
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// usageOf reads an item. An attribute that is missing counts as zero.
func usageOf(item map[string]types.AttributeValue) usage {
	integer := func(name string) int64 {
		n, _ := item[name].(*types.AttributeValueMemberN)
		if n == nil {
			return 0
		}
		v, _ := strconv.ParseInt(n.Value, 10, 64) // written by this package
		return v
	}
	return usage{integer(minuteAttribute), integer(countAttribute), integer(dayAttribute)}
}
