package lambdaops

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"serverless-mcp/internal/lambdaops/runtimes"
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
	Throttled   int               `json:"throttled,omitempty" doc:"number of calls that were repeated because AWS throttled them"`
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
	Runtime      string   `json:"runtime,omitempty" doc:"runtime of the version"`
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

// list keeps only one page and at most in.Limit matches in memory.
func (o *Ops) list(ctx context.Context, in listInput) (listOutput, error) {
	c := callFrom(ctx)
	open, unreadable := o.unfinished()
	table := o.o.Runtimes.Table(ctx)
	l := &listing{
		Ops: o, in: in, table: table, usage: &usage.Reader{Lambda: o.o.Lambda},
		out: listOutput{Table: newTableInfo(table), Unfinished: open, NotReadable: unreadable, ByRuntime: map[string]int{}},
	}
	request := &lambda.ListFunctionsInput{MaxItems: aws.Int32(pageSize)}
	if !in.All {
		request.MaxItems = aws.Int32(int32(min(pageSize, in.Limit))) // a marker can only point to the start of a page, so a page must not exceed the limit
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
			l.out.Throttled = c.throttledCalls()
			return l.out, nil
		}
		request.Marker = page.NextMarker
	}
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
