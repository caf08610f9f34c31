package preflight

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
)

func nodeFinding(f Facts) doctor.Finding {
	advice := fmt.Sprintf("Install Node.js %d or later: https://nodejs.org", plan.NodeVersion)
	if f.NodeErr != nil {
		return failure("Node.js is not found", f.NodeErr.Error(), advice)
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(f.Node, "v"), ".")
	major, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return doctor.Finding{Status: doctor.Skipped, Detail: fmt.Sprintf("unknown version of Node.js: %q", f.Node)}
	case major < plan.NodeVersion:
		return warning("Node.js is older than the CDK supports", f.Node, "perhaps the deployment; the CDK is tested with newer versions only", advice)
	}
	return ok("Node.js is recent enough", f.Node)
}

func regionFinding(f Facts, s settings.Settings) doctor.Finding {
	if problems := plan.RegionProblems(s, f.Region); problems != nil {
		return failure("the settings cannot be deployed in the region", f.Region+": "+strings.Join(problems, "; "), "Choose another region, or change the settings: docs/shapes.md and docs/domain.md.")
	}
	return ok("credentials and region are set", fmt.Sprintf("account %s, %s", f.Account, f.Region))
}

func bootstrapFinding(f Facts) doctor.Finding {
	advice := fmt.Sprintf("Run once for each account and region: npx cdk bootstrap aws://%s/%s", f.Account, f.Region)
	switch {
	case f.BootstrapErr != nil:
		return skipped(f.BootstrapErr)
	case f.Bootstrap == 0:
		return failure("the region is not bootstrapped for the CDK", "no stack CDKToolkit in "+f.Region, advice)
	case f.Bootstrap < plan.BootstrapVersion:
		return failure("the CDK's bootstrap is too old", fmt.Sprintf("version %d, need %d", f.Bootstrap, plan.BootstrapVersion), advice)
	}
	return ok("the region is bootstrapped for the CDK", fmt.Sprintf("version %d", f.Bootstrap))
}

func stackFinding(f Facts, s settings.Settings) doctor.Finding {
	name := s.FullStackName()
	switch {
	case f.StackErr != nil:
		return skipped(f.StackErr)
	case f.StackProblem != "":
		return warning("the last deployment of the stack did not succeed", name+": "+f.StackProblem, "perhaps the deployment", "Look at the reason before you deploy again.")
	case f.Exists:
		return ok("the stack exists and will be updated", name)
	}
	return ok("the name of the stack is free", name)
}

// lowConcurrency is a limit below which concurrent clients get errors. New accounts
// often have 10.
const lowConcurrency = 100

func concurrencyFinding(f Facts, needs plan.Needs) doctor.Finding {
	const ask = "Ask AWS for more: Service Quotas, Lambda, concurrent executions."
	needed := needs.ReservedExecutions
	exceeded := needed > 0 && f.Unreserved-needed < plan.UnreservedConcurrency
	switch {
	case f.ConcurrencyErr != nil:
		return skipped(f.ConcurrencyErr)
	case exceeded && f.StackErr != nil: // the stack may have reserved them already
		return skipped(f.StackErr)
	case exceeded && !f.Exists:
		return failure("RESERVED_CONCURRENCY is more than the account allows",
			fmt.Sprintf("%d are reserved by this stack, %d are free, and Lambda keeps %d unreserved", needed, f.Unreserved, plan.UnreservedConcurrency),
			"Set RESERVED_CONCURRENCY=0. "+ask)
	case f.Concurrency < lowConcurrency:
		return warning("the account's limit of concurrent executions is low", fmt.Sprintf("%d, for all its functions together", f.Concurrency),
			"calls, when several clients call at once: 503", ask)
	}
	return ok("the account has capacity for concurrent calls", fmt.Sprint(f.Concurrency))
}

// removedShapes returns the deployed shapes that the settings no longer have.
func removedShapes(f Facts, s settings.Settings) []string {
	return slices.DeleteFunc(slices.Clone(f.Shapes), s.Has)
}

func shapesFinding(removed []string) doctor.Finding {
	return warning("the deployment deletes an endpoint", "deployed and no longer in SHAPES: "+strings.Join(removed, ", "),
		"clients that use its URL, permanently: PROTECT=true does not keep the endpoint, and the shape gets another URL if it is added again",
		"Add the shape to SHAPES, or move its clients to another endpoint first.")
}
