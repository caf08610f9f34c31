// Package pause stops and starts the servers of a deployed stack within seconds, without
// a deployment: a Lambda function with a reserved concurrency of 0 is never run, and an
// ECS service with 0 tasks serves nothing. A tag of the function or service keeps the
// previous value, so that the servers can be started from any machine.
//
// The job function is stopped after the servers and started before them. While it is
// stopped, Lambda drops the events of jobs; a job stays in the table, and the next request
// for it sends the event again.
package pause

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"serverless-mcp/internal/deploy/deployed"
	"serverless-mcp/internal/settings"
)

// tagName is the tag with the previous value: a number, or [unreserved].
const tagName = "mcpctl-paused"

const unreserved = "unreserved"

// A Change is a change of a function or service.
type Change struct {
	Name          string // such as "function mcp" or "service container"
	Before, After string // such as "reserved concurrency 7", "unreserved" or "tasks 2"
}

// Pause stops the servers of a stack, and reports each change as it is made. A server that
// is already paused is reported and left unchanged. If one cannot be stopped, Pause stops
// the others and returns all errors.
func Pause(ctx context.Context, s *deployed.Stack, report func(Change)) error {
	servers, jobs, err := find(ctx, s)
	if err != nil {
		return err
	}
	var failed []error
	for _, t := range append(servers, jobs...) {
		if err := stop(ctx, t, report); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

func stop(ctx context.Context, t target, report func(Change)) error {
	now, before, err := t.state(ctx)
	if err != nil {
		return err
	}
	if before != "" && now == "0" {
		report(Change{t.name(), t.describe(now), t.describe(now)})
		return nil
	}
	if now == "0" {
		return fmt.Errorf("%s is stopped, but not by mcpctl pause: start it in the way it was stopped", t.name())
	}
	// Set the tag first: without it the previous value would be lost.
	if err := t.tag(ctx, now); err != nil {
		return err
	}
	if err := t.set(ctx, "0"); err != nil {
		return err
	}
	report(Change{t.name(), t.describe(now), t.describe("0")})
	return nil
}

// Resume starts the servers of a stack that [Pause] stopped, and restores the previous
// values. A server that was started in the meantime, such as by a deployment, keeps its
// value. Resume ends at the first error: without the job function, a server would accept jobs
// whose events Lambda drops.
func Resume(ctx context.Context, s *deployed.Stack, report func(Change)) error {
	servers, jobs, err := find(ctx, s)
	if err != nil {
		return err
	}
	for _, t := range append(jobs, servers...) {
		if err := start(ctx, t, report); err != nil {
			return err
		}
	}
	return nil
}

func start(ctx context.Context, t target, report func(Change)) error {
	now, before, err := t.state(ctx)
	if err != nil {
		return err
	}
	if before == "" {
		report(Change{t.name(), t.describe(now), t.describe(now)})
		return nil
	}
	if _, err := strconv.ParseUint(before, 10, 31); err != nil && before != unreserved {
		return fmt.Errorf("%s has the tag %s with the unknown value %q", t.name(), tagName, before)
	}
	after := now
	if now == "0" {
		if err := t.set(ctx, before); err != nil {
			return err
		}
		after = before
	}
	if err := t.untag(ctx); err != nil {
		return err
	}
	report(Change{t.name(), t.describe(now), t.describe(after)})
	return nil
}

// target is a function or a service. Its settings are numbers in decimal, or
// [unreserved].
type target interface {
	name() string
	describe(setting string) string
	state(ctx context.Context) (now, before string, err error) // before is the tag's value, "" without one
	set(ctx context.Context, setting string) error
	tag(ctx context.Context, before string) error
	untag(ctx context.Context) error
}

// find returns the functions and services that serve MCP in a stack, and its job function
// if it has one.
func find(ctx context.Context, s *deployed.Stack) (servers, jobs []target, err error) {
	functions, err := s.Functions(ctx)
	if err != nil {
		return nil, nil, err
	}
	client := lambda.NewFromConfig(s.Config)
	for _, f := range functions {
		switch f.ID {
		case "Mcp", "McpStream":
			servers = append(servers, &function{s, client, f})
		case settings.JobID:
			jobs = append(jobs, &function{s, client, f})
		}
	}
	if arn, err := s.Output("McpContainerService"); err == nil {
		// arn:aws:ecs:REGION:ACCOUNT:service/CLUSTER/NAME
		parts := strings.Split(arn, "/")
		if len(parts) != 3 {
			return nil, nil, fmt.Errorf("the output McpContainerService of %s is not the ARN of a service: %q", s, arn)
		}
		servers = append(servers, &service{s, ecs.NewFromConfig(s.Config), arn, parts[1]})
	}
	if len(servers) == 0 {
		return nil, nil, fmt.Errorf("%s has no server: deploy it again", s)
	}
	return servers, jobs, nil
}
