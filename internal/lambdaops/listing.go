package lambdaops

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/lambdaops/usage"
)

// listing is one call of list_functions.
type listing struct {
	*Ops
	in    listInput
	table runtimes.Table
	usage *usage.Reader
	out   listOutput
}

// found is a function with its versions in use.
type found struct {
	types.FunctionConfiguration
	usage usage.Usage
	err   error // of reading the usage
}

// add adds the functions of a page that pass the filters.
func (l *listing) add(ctx context.Context, page []types.FunctionConfiguration) error {
	var named []found
	for _, f := range page {
		l.out.Scanned++
		if strings.Contains(strings.ToLower(aws.ToString(f.FunctionName)), strings.ToLower(l.in.Name)) {
			named = append(named, found{FunctionConfiguration: f})
		}
	}
	l.readUsage(ctx, named)
	for _, f := range named {
		if err := l.consider(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// concurrentReads is how many functions' versions in use are read at a time.
const concurrentReads = 8

// readUsage reads the versions in use. Container images have no runtime, so their
// versions are not read.
func (l *listing) readUsage(ctx context.Context, functions []found) {
	if l.in.LatestOnly {
		return
	}
	var group errgroup.Group
	group.SetLimit(concurrentReads)
	for i := range functions {
		if f := &functions[i]; f.Runtime != "" {
			group.Go(func() error {
				f.usage, f.err = l.usage.Of(ctx, aws.ToString(f.FunctionName), aws.ToString(f.FunctionArn))
				return nil
			})
		}
	}
	_ = group.Wait() // errors are stored with the functions
}

// consider adds a function to the result if it passes the filters.
func (l *listing) consider(ctx context.Context, f found) error {
	matching := l.matching(f)
	if len(matching) == 0 && f.err == nil {
		return nil
	}
	missed := false
	note := func(err error) error {
		if err == nil {
			return nil
		}
		first := !missed
		missed = true
		return l.out.missed(f.FunctionConfiguration, err, first)
	}
	if err := note(f.err); err != nil {
		return err
	}
	l.noteUnread(f)
	if len(matching) == 0 {
		return nil
	}
	if l.in.Tag != "" {
		has, err := l.hasTag(ctx, f)
		if err := note(err); err != nil {
			return err
		}
		if !has {
			return nil
		}
	}
	l.out.Matched++
	for _, r := range matching {
		l.out.ByRuntime[r]++
	}
	if len(l.out.Functions) >= l.in.Limit {
		l.out.Omitted++
		return nil
	}
	s := l.summary(f)
	if l.in.States {
		now, err := l.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: f.FunctionName})
		if err == nil {
			s.State = stateOf(now.State, now.LastUpdateStatus)
		} else if err := note(err); err != nil {
			return err
		}
	}
	l.out.Functions = append(l.out.Functions, s)
	return nil
}

// missed records an error of reading details of a function if the function was deleted in
// the meantime or the credentials may not read it. It returns other errors, which end the
// listing.
func (out *listOutput) missed(f types.FunctionConfiguration, err error, first bool) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != "ResourceNotFoundException" && api.ErrorCode() != "AccessDeniedException" {
		return err
	}
	if first {
		out.Missed++
	}
	if out.Missed <= maxUnreadable {
		out.NotReadable = append(out.NotReadable, aws.ToString(f.FunctionName)+": "+upgrade.ErrorText(err))
	}
	return nil
}

// noteUnread records the errors of reading what uses the function's versions. It records each
// error once for all functions, because a permission is usually missing for all of them.
func (l *listing) noteUnread(f found) {
	for _, err := range f.usage.Unread {
		text := "versions in use may be missing: " + upgrade.ErrorText(err)
		if !slices.Contains(l.out.NotReadable, text) && len(l.out.NotReadable) < maxUnreadable {
			l.out.NotReadable = append(l.out.NotReadable, text)
		}
	}
}
