package requestlog

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/limits"
)

// A Selection selects lines. The zero value selects all lines about requests.
type Selection struct {
	Key, Tool string // exact names; empty means all
	// Errors selects requests whose outcome is not ok and, unless a key or tool is selected,
	// all lines of level ERROR and the warnings [limits.Unavailable].
	Errors bool
}

// Check rejects names that cannot be part of a pattern.
func (s Selection) Check() error {
	if s.Key != "" {
		if err := checkName("key", s.Key); err != nil {
			return err
		}
	}
	if s.Tool != "" {
		return checkName("tool", s.Tool)
	}
	return nil
}

// pattern returns the selection as a filter pattern.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
func (s Selection) pattern() string {
	conditions := []string{`$.message = "mcp request"`}
	if s.Key != "" {
		conditions = append(conditions, `$.keyId = "`+s.Key+`"`)
	}
	if s.Tool != "" {
		conditions = append(conditions, `$.tool = "`+s.Tool+`"`)
	}
	if s.Errors {
		conditions = append(conditions, `$.outcome != "ok"`)
	}
	pattern := strings.Join(conditions, " && ")
	if s.Errors && s.Key == "" && s.Tool == "" {
		pattern = "(" + pattern + `) || $.level = "ERROR" || $.message = "` + limits.Unavailable + `"`
	}
	return "{ " + pattern + " }"
}

// selects reports whether a line is selected.
func (s Selection) selects(l Line) bool {
	if s.Errors && s.Key == "" && s.Tool == "" && l.isProblem() {
		return true
	}
	return l.isRequest() && (s.Key == "" || l.Field("keyId") == s.Key) && (s.Tool == "" || l.Field("tool") == s.Tool) &&
		(!s.Errors || l.Field("outcome") != "ok")
}

// A Reader returns the selected lines of a period, ordered by time. It does not return a
// line that an earlier call returned.
type Reader interface {
	Read(ctx context.Context, from, to time.Time) ([]Line, error)
}

// NewReader returns the reader of a deployed stack.
func NewReader(s *deployed.Stack, selected Selection) (Reader, error) {
	groups, err := Groups(s)
	if err != nil {
		return nil, err
	}
	if err := selected.Check(); err != nil {
		return nil, err
	}
	return &stackReader{s, cloudwatchlogs.NewFromConfig(s.Config), groups, selected, map[string]time.Time{}}, nil
}

type stackReader struct {
	stack    *deployed.Stack
	client   *cloudwatchlogs.Client
	groups   []string
	selected Selection
	seen     map[string]time.Time // ids of events, with their times
}

// Read implements [Reader].
func (r *stackReader) Read(ctx context.Context, from, to time.Time) ([]Line, error) {
	from = from.Truncate(time.Millisecond) // as CloudWatch does, or lines of this millisecond would be returned again
	for id, at := range r.seen {
		if at.Before(from) {
			delete(r.seen, id)
		}
	}
	var lines []Line
	for _, group := range r.groups {
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(r.client, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: &group, FilterPattern: aws.String(r.selected.pattern()),
			StartTime: aws.Int64(from.UnixMilli()), EndTime: aws.Int64(to.UnixMilli()),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, r.stack.Explain("read the log "+group, err)
			}
			for _, e := range page.Events {
				if l, ok := r.line(e); ok {
					lines = append(lines, l)
				}
			}
		}
	}
	sortByTime(lines)
	return lines, nil
}

func (r *stackReader) line(e types.FilteredLogEvent) (Line, bool) {
	at := time.UnixMilli(aws.ToInt64(e.Timestamp))
	if _, seen := r.seen[aws.ToString(e.EventId)]; seen {
		return Line{}, false
	}
	r.seen[aws.ToString(e.EventId)] = at
	return parseLine(aws.ToString(e.Message), at)
}

// Reader returns the reader of the local server.
func (f Files) Reader(selected Selection) (Reader, error) {
	return &fileReader{f, selected, map[string]time.Time{}}, selected.Check()
}

type fileReader struct {
	files    Files
	selected Selection
	seen     map[string]time.Time // texts, with their times
}

// Read implements [Reader].
func (r *fileReader) Read(_ context.Context, from, to time.Time) ([]Line, error) {
	var lines []Line
	for text, at := range r.seen {
		if at.Before(from) {
			delete(r.seen, text)
		}
	}
	err := r.files.Lines(from, to, func(l Line) {
		if _, seen := r.seen[l.Text]; !seen && r.selected.selects(l) {
			r.seen[l.Text] = l.At
			lines = append(lines, l)
		}
	})
	sortByTime(lines)
	return lines, err
}

func sortByTime(lines []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int { return a.At.Compare(b.At) })
}
