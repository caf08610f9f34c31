package lambdaops

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// hasTag reports whether a function has the tag of the filter.
func (l *listing) hasTag(ctx context.Context, f found) (bool, error) {
	tags, err := l.o.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: f.FunctionArn})
	if err != nil {
		return false, err
	}
	key, value, exact := strings.Cut(l.in.Tag, "=")
	got, ok := tags.Tags[key]
	return ok && (!exact || got == value), nil
}

// matching returns the runtimes of $LATEST and of the versions in use that pass the
// filters.
func (l *listing) matching(f found) []string {
	all := []string{string(f.Runtime)}
	for _, v := range f.usage.Versions {
		all = append(all, v.Runtime)
	}
	var passing []string
	for _, r := range all {
		if name := runtimeName(r); l.passes(r) && !slices.Contains(passing, name) {
			passing = append(passing, name)
		}
	}
	return passing
}

// passes reports whether a runtime passes the filters.
func (l *listing) passes(runtime string) bool {
	now := l.o.Now()
	r, _ := l.table.Lookup(runtime)
	return (l.in.Runtime == "" || runtime == l.in.Runtime) &&
		(!l.in.Deprecated || r.Deprecation.Reached(now)) &&
		(l.in.WithinDays == 0 || r.Deprecation.Reached(now.Add(time.Duration(l.in.WithinDays)*24*time.Hour)))
}

func (l *listing) summary(f found) functionSummary {
	s := functionSummary{
		Name: strings.Clone(aws.ToString(f.FunctionName)), Runtime: string(f.Runtime), LastModified: aws.ToString(f.LastModified),
		PackageType: string(f.PackageType), Architecture: architectureOf(f.Architectures),
	}
	if f.Runtime != "" {
		s.RuntimeState, s.Successor = runtimeState(l.table, string(f.Runtime), l.o.Now())
	}
	for _, v := range f.usage.Versions {
		state, _ := runtimeState(l.table, v.Runtime, l.o.Now())
		s.Versions = append(s.Versions, versionInUse{Version: v.Number, Runtime: v.Runtime, RuntimeState: state, UsedBy: v.Users})
	}
	return s
}
