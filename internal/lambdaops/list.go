package lambdaops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"serverless-mcp/internal/lambdaops/runtimes"
	"serverless-mcp/internal/lambdaops/upgrade"
	"serverless-mcp/internal/tool"
)

// maxUnreadable bounds what is told of functions that could not be read.
const maxUnreadable = 20

// pageSize is the most that AWS gives at once.
const pageSize = 50

type listInput struct {
	Marker     string `json:"marker,omitempty" doc:"next_marker of an earlier answer, to go on there" max:"4096"`
	All        bool   `json:"all,omitempty" doc:"look at all functions, with progress, instead of one page"`
	Limit      int    `json:"limit" doc:"most functions to list; with all, the rest is counted only" min:"1" max:"1000" default:"50"`
	Runtime    string `json:"runtime,omitempty" doc:"only with this runtime, such as nodejs18.x" max:"64"`
	Deprecated bool   `json:"deprecated,omitempty" doc:"only on a runtime that is deprecated today"`
	WithinDays int    `json:"deprecated_within_days,omitempty" doc:"only on a runtime that is deprecated, or will be in that many days" min:"0" max:"3650"`
	Name       string `json:"name,omitempty" doc:"only whose name contains this; upper and lower case are the same" max:"140"`
	Tag        string `json:"tag,omitempty" doc:"only with this tag, as KEY or KEY=VALUE; one more call for each function that the other filters leave" max:"400"`
	States     bool   `json:"states,omitempty" doc:"tell the state of each function listed, too; one more call each"`
}

type listOutput struct {
	Functions   []functionSummary `json:"functions" doc:"those that pass all filters, by AWS's order"`
	Scanned     int               `json:"scanned" doc:"functions looked at"`
	Matched     int               `json:"matched" doc:"functions that pass all filters"`
	Missed      int               `json:"missed,omitempty" doc:"functions that could not be asked for tags or state; not_readable has the first of them"`
	Omitted     int               `json:"omitted,omitempty" doc:"functions that pass but are over the limit"`
	ByRuntime   map[string]int    `json:"matched_by_runtime" doc:"functions that pass all filters, by runtime"`
	NextMarker  string            `json:"next_marker,omitempty" doc:"pass it as marker for the next page; absent means that there is none"`
	Throttled   int               `json:"throttled,omitempty" doc:"calls that AWS throttled and that were made again"`
	Table       tableInfo         `json:"table" doc:"where the dates of runtimes are from"`
	NotReadable []string          `json:"not_readable" doc:"what could not be read, so that something may be missing here"`
	Unfinished  []unfinished      `json:"unfinished" doc:"upgrades that were left half done on this machine"`
}

type functionSummary struct {
	Name         string `json:"name" doc:"function's name"`
	Runtime      string `json:"runtime,omitempty" doc:"absent for container images"`
	RuntimeState string `json:"runtime_state,omitempty" doc:"what the runtime is good for today"`
	Successor    string `json:"successor,omitempty" doc:"recommended runtime to move to"`
	LastModified string `json:"last_modified" doc:"when code or configuration was changed last"`
	Architecture string `json:"architecture" doc:"arm64 or x86_64"`
	PackageType  string `json:"package_type" doc:"Zip or Image"`
	State        string `json:"state,omitempty" doc:"state of the function, and of its last update, if asked for"`
}

func (o *Ops) listFunctions() tool.Tool {
	return tool.New(tool.Info{
		Name:        "list_functions",
		Title:       "List Lambda functions",
		Description: "Lists the Lambda functions of the region: one page of up to 50, or all with progress. Filters by runtime, deprecation, name and tag; counts by runtime. Begin with deprecated: true and all: true to see what needs an upgrade.",
		ReadOnly:    true, Idempotent: true, OpenWorld: true,
	}, func(ctx context.Context, in listInput) (listOutput, error) {
		out, err := o.list(ctx, in)
		return out, forModel(err)
	})
}

// list holds a page at a time, and of the matches no more than the limit.
func (o *Ops) list(ctx context.Context, in listInput) (listOutput, error) {
	c := callFrom(ctx)
	open, unreadable := o.unfinished()
	table := o.o.Runtimes.Table(ctx)
	out := listOutput{Table: about(table), Unfinished: open, NotReadable: unreadable, ByRuntime: map[string]int{}}
	request := &lambda.ListFunctionsInput{MaxItems: aws.Int32(pageSize)}
	if !in.All {
		request.MaxItems = aws.Int32(int32(min(pageSize, in.Limit))) // what a page leaves out could not be had by any marker
	}
	if in.Marker != "" {
		request.Marker = &in.Marker
	}
	for {
		c.progress(float64(out.Scanned), fmt.Sprintf("%d functions looked at, %d match", out.Scanned, out.Matched))
		page, err := o.o.Lambda.ListFunctions(ctx, request)
		if err != nil {
			return listOutput{}, err
		}
		for _, f := range page.Functions {
			out.Scanned++
			if err := o.consider(ctx, in, table, f, &out); err != nil {
				return listOutput{}, err
			}
		}
		if page.NextMarker == nil || !in.All {
			out.NextMarker = aws.ToString(page.NextMarker)
			out.Throttled = c.slowedSoFar()
			return out, nil
		}
		request.Marker = page.NextMarker
	}
}

// consider adds a function to the response if it passes the filters.
func (o *Ops) consider(ctx context.Context, in listInput, table runtimes.Table, f types.FunctionConfiguration, out *listOutput) error {
	if !o.passes(in, table, f) {
		return nil
	}
	if in.Tag != "" {
		tags, err := o.o.Lambda.ListTags(ctx, &lambda.ListTagsInput{Resource: f.FunctionArn})
		if err != nil {
			return out.missed(f, err)
		}
		key, value, exact := strings.Cut(in.Tag, "=")
		if got, ok := tags.Tags[key]; !ok || exact && got != value {
			return nil
		}
	}
	out.Matched++
	out.ByRuntime[runtimeOf(f)]++
	if len(out.Functions) >= in.Limit {
		out.Omitted++
		return nil
	}
	s := o.summary(table, f)
	if in.States {
		now, err := o.o.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: f.FunctionName})
		if err == nil {
			s.State = stateOf(now.State, now.LastUpdateStatus)
		} else if err := out.missed(f, err); err != nil {
			return err
		}
	}
	out.Functions = append(out.Functions, s)
	return nil
}

// missed takes note of a function that could not be asked for more: that is gone
// since it was listed, or that these credentials may not read. Other errors end
// the listing.
func (out *listOutput) missed(f types.FunctionConfiguration, err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != "ResourceNotFoundException" && api.ErrorCode() != "AccessDeniedException" {
		return err
	}
	if out.Missed++; out.Missed <= maxUnreadable {
		out.NotReadable = append(out.NotReadable, aws.ToString(f.FunctionName)+": "+upgrade.ErrorText(err))
	}
	return nil
}

func (o *Ops) passes(in listInput, table runtimes.Table, f types.FunctionConfiguration) bool {
	r, _ := table.Lookup(string(f.Runtime))
	soon := o.o.Now().Add(time.Duration(in.WithinDays) * 24 * time.Hour)
	return (in.Runtime == "" || string(f.Runtime) == in.Runtime) &&
		(!in.Deprecated || r.Deprecation.Reached(o.o.Now())) &&
		(in.WithinDays == 0 || r.Deprecation.Reached(soon)) &&
		strings.Contains(strings.ToLower(aws.ToString(f.FunctionName)), strings.ToLower(in.Name))
}

func (o *Ops) summary(table runtimes.Table, f types.FunctionConfiguration) functionSummary {
	s := functionSummary{
		Name: strings.Clone(aws.ToString(f.FunctionName)), Runtime: string(f.Runtime), LastModified: aws.ToString(f.LastModified),
		PackageType: string(f.PackageType), Architecture: architectureOf(f.Architectures),
	}
	if f.Runtime != "" {
		s.RuntimeState, s.Successor = runtimeState(table, string(f.Runtime), o.o.Now())
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

func runtimeOf(f types.FunctionConfiguration) string {
	if f.Runtime == "" {
		return "container image"
	}
	return string(f.Runtime)
}

// architectureOf is AWS's default where it says nothing.
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
