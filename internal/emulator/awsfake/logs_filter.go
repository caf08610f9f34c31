package awsfake

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The patterns of mcpctl logs: conditions that must all hold, optionally also matching
// any line with the level ERROR or a given message.
var (
	logPattern   = regexp.MustCompile(`^\{ (?:\((.*)\) \|\| \$\.level = "ERROR" \|\| \$\.message = "([^"\\*]*)"|(.*)) \}$`)
	logCondition = regexp.MustCompile(`^\$\.(message|keyId|tool|outcome) (=|!=) "([^"\\*]*)"$`)
)

// matcher returns the function of a pattern.
func matcher(pattern string) (func(logEvent) bool, error) {
	invalid := newError("InvalidParameterException", "Invalid filter pattern %q", pattern)
	parts := logPattern.FindStringSubmatch(pattern)
	if parts == nil {
		return nil, invalid
	}
	var conditions [][]string
	for condition := range strings.SplitSeq(cmp.Or(parts[1], parts[3]), " && ") {
		c := logCondition.FindStringSubmatch(condition)
		if c == nil {
			return nil, invalid
		}
		conditions = append(conditions, c)
	}
	return func(e logEvent) bool {
		if parts[1] != "" && (e.fields["level"] == "ERROR" || e.fields["message"] == parts[2]) {
			return true
		}
		for _, c := range conditions {
			value, ok := e.fields[c[1]].(string)
			if !ok || (value == c[3]) != (c[2] == "=") {
				return false
			}
		}
		return true
	}, nil
}

func (l *Logs) filterEvents(in struct {
	LogGroupName, FilterPattern, NextToken string
	StartTime, EndTime                     int64
}) (any, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	events, ok := l.groups[in.LogGroupName]
	if !ok {
		return nil, newError("ResourceNotFoundException", "The specified log group does not exist.")
	}
	matches, err := matcher(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	found := []map[string]any{}
	for _, e := range events {
		if at := e.at.UnixMilli(); at >= in.StartTime && at <= in.EndTime && matches(e) {
			found = append(found, map[string]any{"eventId": e.id, "timestamp": at, "message": e.message, "logStreamName": "stream"})
		}
	}
	from, _ := strconv.Atoi(in.NextToken)
	size := cmp.Or(l.o.PageSize, 10_000)
	page := map[string]any{"events": found[min(from, len(found)):min(from+size, len(found))], "searchedLogStreams": []any{}}
	if from+size < len(found) {
		page["nextToken"] = fmt.Sprint(from + size)
	}
	return page, nil
}
