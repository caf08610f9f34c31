package lambdaops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/lambdaops/usage"
	"serverless-mcp/internal/tool"
)

// maxUnreadable bounds the number of unreadable functions that a result names.
const maxUnreadable = 20

// pageSize is the maximum page size of ListFunctions.
const pageSize = 50

type listInput struct {
	Marker     string `json:"marker,omitempty" doc:"next_marker of an earlier result, to continue there" max:"4096"`
	All        bool   `json:"all,omitempty" doc:"read all functions, with progress, instead of one page"`
	Limit      int    `json:"limit" doc:"maximum number of functions to list; with all, further matches are only counted" min:"1" max:"1000" default:"50"`
	Runtime    string `json:"runtime,omitempty" doc:"only functions with this runtime, such as nodejs18.x" max:"64"`
	Deprecated bool   `json:"deprecated,omitempty" doc:"only functions with a runtime that is deprecated today"`
	WithinDays int    `json:"deprecated_within_days,omitempty" doc:"only functions with a runtime that is deprecated or will be within this number of days" min:"0" max:"3650"`
	Name       string `json:"name,omitempty" doc:"only functions whose name contains this text, ignoring case" max:"140"`
	Tag        string `json:"tag,omitempty" doc:"only functions with this tag, as KEY or KEY=VALUE; one more call for each function that passes the other filters" max:"400"`
	States     bool   `json:"states,omitempty" doc:"also return the state of each listed function; one more call for each"`
	LatestOnly bool   `json:"latest_only,omitempty" doc:"consider $LATEST only and not the versions in use, which saves at least two calls for each function"`
}

type listOutput struct {
	Functions   []functionSummary `json:"functions" doc:"functions that pass all filters, in AWS's order"`
	Scanned     int               `json:"scanned" doc:"number of functions read"`
	Matched     int               `json:"matched" doc:"number of functions that pass all filters"`
	Missed      int               `json:"missed,omitempty" doc:"number of functions whose tags, versions in use or state could not be read; not_readable names the first of them"`
	Omitted     int               `json:"omitted,omitempty" doc:"number of functions that pass but exceed the limit"`
	ByRuntime   map[string]int    `json:"matched_by_runtime" doc:"number of functions that pass all filters, by the runtimes of $LATEST and of the versions in use that pass; a function can count for several runtimes"`
	NextMarker  string            `json:"next_marker,omitempty" doc:"marker of the next page; absent on the last page"`
	Throttled   int               `json:"throttled,omitempty" doc:"number of calls that AWS throttled and that were repeated"`
	Table       tableInfo         `json:"table" doc:"source of the runtimes' dates"`
	NotReadable []string          `json:"not_readable" doc:"what could not be read, so that the result may be incomplete"`
	Unfinished  []unfinished      `json:"unfinished" doc:"upgrades on this machine that were interrupted"`
}

type functionSummary struct {
	Name         string         `json:"name" doc:"function's name"`
	Runtime      string         `json:"runtime,omitempty" doc:"runtime of $LATEST; absent for container images"`
	RuntimeState string         `json:"runtime_state,omitempty" doc:"state of that runtime today"`
	Successor    string         `json:"successor,omitempty" doc:"recommended runtime to move to"`
	Versions     []versionInUse `json:"versions_in_use,omitempty" doc:"published versions that aliases, provisioned concurrency or event source mappings use; they keep their runtime when $LATEST is upgraded"`
	LastModified string         `json:"last_modified" doc:"time of the last change of code or configuration"`
	Architecture string         `json:"architecture" doc:"arm64 or x86_64"`
	PackageType  string         `json:"package_type" doc:"Zip or Image"`
	State        string         `json:"state,omitempty" doc:"state of the function and of its last update, with states: true"`
}

type versionInUse struct {
	Version      string   `json:"version" doc:"version number"`
	Runtime      string   `json:"runtime,omitempty" doc:"its runtime"`
	RuntimeState string   `json:"runtime_state,omitempty" doc:"state of that runtime today"`
	UsedBy       []string `json:"used_by" doc:"what uses the version"`
}

func (o *Ops) listFunctions() tool.Tool {
	return tool.New(tool.Info{
		Name:        "list_functions",
		Title:       "List Lambda functions",
		Description: "Lists the Lambda functions of the region: one page of up to 50, or all with progress. Filters by runtime, deprecation, name and tag; counts by runtime. It considers $LATEST and the versions that aliases, provisioned concurrency and event source mappings use. Begin with deprecated: true and all: true to see what needs an upgrade.",
		ReadOnly:    true, Idempotent: true, OpenWorld: true,
	}, func(ctx context.Context, in listInput) (listOutput, error) {
		out, err := o.list(ctx, in)
		return out, forModel(err)
	})
}

// list holds one page at a time in memory, and of the matches at most the limit.
func (o *Ops) list(ctx context.Context, in listInput) (listOutput, error) {
	c := callFrom(ctx)
	open, unreadable := o.unfinished()
	table := o.o.Runtimes.Table(ctx)
	l := &listing{
		Ops: o, in: in, table: table, usage: &usage.Reader{Lambda: o.o.Lambda},
		out: listOutput{Table: about(table), Unfinished: open, NotReadable: unreadable, ByRuntime: map[string]int{}},
	}
	request := &lambda.ListFunctionsInput{MaxItems: aws.Int32(pageSize)}
	if !in.All {
		request.MaxItems = aws.Int32(int32(min(pageSize, in.Limit))) // no marker leads to the rest of a page
	}
	if in.Marker != "" {
		request.Marker = &in.Marker
	}
	for {
		c.progress(float64(l.out.Scanned), fmt.Sprintf("%d functions read, %d match", l.out.Scanned, l.out.Matched))
		page, err := o.o.Lambda.ListFunctions(ctx, request)
		if err != nil {
			return listOutput{}, err
		}
		if err := l.add(ctx, page.Functions); err != nil {
			return listOutput{}, err
		}
		if page.NextMarker == nil || !in.All {
			l.out.NextMarker = aws.ToString(page.NextMarker)
			l.out.Throttled = c.slowedSoFar()
			return l.out, nil
		}
		request.Marker = page.NextMarker
	}
}

// listing is one call of list_functions.
type listing struct {
	*Ops
	in    listInput
	table runtimes.Table
	usage *usage.Reader
	out   listOutput
}

// found is a function with the versions of it that are in use.
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
	if err := l.readUsage(ctx, named); err != nil {
		return err
	}
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
func (l *listing) readUsage(ctx context.Context, functions []found) error {
	if l.in.LatestOnly {
		return nil
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
	return group.Wait()
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

// missed records an error of reading more about a function that was deleted in the
// meantime or that the credentials may not read. Other errors end the listing.
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

// noteUnread records once each kind of user that could not be read. The permission
// for it is usually missing for all functions.
func (l *listing) noteUnread(f found) {
	for _, err := range f.usage.Unread {
		text := "versions in use may be missing: " + upgrade.ErrorText(err)
		if !slices.Contains(l.out.NotReadable, text) && len(l.out.NotReadable) < maxUnreadable {
			l.out.NotReadable = append(l.out.NotReadable, text)
		}
	}
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
		info := versionInUse{Version: v.Number, Runtime: v.Runtime, UsedBy: v.Users}
		if v.Runtime != "" {
			info.RuntimeState, _ = runtimeState(l.table, v.Runtime, l.o.Now())
		}
		s.Versions = append(s.Versions, info)
	}
	return s
}

func runtimeState(table runtimes.Table, identifier string, now time.Time) (state, successor string) {
	r, ok := table.Lookup(identifier)
	if !ok {
		return "unknown", ""
	}
	return string(r.State(now)), table.Successor(identifier, now)
}

func runtimeName(runtime string) string {
	if runtime == "" {
		return "container image"
	}
	return runtime
}

// architectureOf returns a function's architecture; AWS omits the default, x86_64.
func architectureOf(all []types.Architecture) string {
	if len(all) == 0 {
		return string(types.ArchitectureX8664)
	}
	return string(all[0])
}

func stateOf(state types.State, update types.LastUpdateStatus) string {
	if update == "" || update == types.LastUpdateStatusSuccessful {
		return string(state)
	}
	return fmt.Sprintf("%s, last update %s", state, update)
}
