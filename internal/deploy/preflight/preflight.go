// Package preflight checks an AWS account before a deployment and reports what would make
// the deployment fail: credentials, bootstrap, quotas, names, DNS, Node.js. [Read] reads
// the facts from AWS and changes nothing; [Findings] evaluates them.
package preflight

import (
	"fmt"
	"strings"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
)

// Facts has the facts about the account, the region and this machine. For a part that could
// not be read, it has an error instead.
type Facts struct {
	Region  string
	Account string

	Bootstrap    int // version of the CDK's bootstrap stack; 0 means none
	BootstrapErr error

	// Concurrency is the account's limit of concurrent executions; Unreserved is how many
	// of them no function reserves.
	Concurrency, Unreserved int
	ConcurrencyErr          error

	Exists       bool     // a stack of that name exists and has resources, so the deployment is an update
	Shapes       []string // its deployment shapes
	StackProblem string   // its state, if the last deployment did not succeed
	StackErr     error

	// Network is for the shape container only.
	Network    Network
	NetworkErr error

	ClusterRole    bool // the service-linked role of ECS exists; for the shape container only
	ClusterRoleErr error

	// Domain is for a configured domain only.
	Domain Domain

	Node    string // of "node --version", such as v22.11.0
	NodeErr error
}

// Findings evaluates the facts for a deployment with these settings.
func Findings(f Facts, s settings.Settings) []doctor.Finding {
	needs := plan.NeedsOf(s)
	all := []doctor.Finding{
		finding("node", "Node.js", nodeFinding(f)),
		finding("region", "region", regionFinding(f, s)),
		finding("bootstrap", "CDK bootstrap", bootstrapFinding(f)),
		finding("stack", "stack", stackFinding(f, s)),
		finding("concurrency", "concurrency", concurrencyFinding(f, needs)),
	}
	if removed := removedShapes(f, s); len(removed) > 0 {
		all = append(all, finding("shapes", "shapes", shapesFinding(removed)))
	}
	if needs.VPCs > 0 {
		all = append(all, finding("network", "network quotas", networkFinding(f, needs)))
	}
	if needs.ECSServiceRole {
		all = append(all, finding("cluster-role", "role of ECS", clusterRoleFinding(f)))
	}
	if needs.CloudFront {
		all = append(all, finding("cloudfront", "CloudFront", cloudFrontFinding()))
	}
	all = append(all, domainFindings(f, s)...)
	for _, shape := range s.Shapes {
		all = append(all, finding("plan-"+shape, shape, shapeFinding(s, shape)))
	}
	return append(all, finding("plan", "plan", planFinding(s)))
}

// finding fills in the ID, and the title if a skipped check has none.
func finding(id, subject string, f doctor.Finding) doctor.Finding {
	f.ID = id
	if f.Title == "" {
		f.Title = subject
	}
	return f
}

func ok(title, detail string) doctor.Finding {
	return doctor.Finding{Status: doctor.OK, Title: title, Detail: detail}
}

func skipped(err error) doctor.Finding {
	return doctor.Finding{Status: doctor.Skipped, Detail: err.Error()}
}

func warning(title, detail, breaks, advice string) doctor.Finding {
	return doctor.Finding{Status: doctor.Warning, Title: title, Detail: detail, Breaks: breaks, Advice: advice}
}

func failure(title, detail, advice string) doctor.Finding {
	return doctor.Finding{Status: doctor.Failure, Title: title, Detail: detail, Breaks: "the deployment", Advice: advice}
}

// shapeFinding reports what a shape creates and costs. The price of calls is from
// docs/shapes.md.
func shapeFinding(s settings.Settings, shape string) doctor.Finding {
	s.Shapes, s.Watch, s.Domain = []string{shape}, settings.Watch{}, settings.Domain{}
	cost := fmt.Sprintf("about %.0f USD a month without calls, with the secrets; a million short calls cost ", plan.MonthlyUSD(plan.Items(s)))
	switch shape {
	case settings.ShapeStream:
		return ok("stream creates a Function URL, its MCP function, log group and role", cost+"2 USD")
	case settings.ShapeContainer:
		return ok("container creates a VPC, a load balancer, a Fargate service and a CloudFront distribution", cost+"3 USD")
	}
	return ok("http-api creates an HTTP API, an authorizer and an MCP function, with log groups and roles", cost+"3 USD")
}

// planFinding reports what the whole stack contains and costs.
func planFinding(s settings.Settings) doctor.Finding {
	items := plan.Items(s)
	var names []string
	for _, i := range items {
		names = append(names, fmt.Sprintf("%d × %s", i.Count, i.Name))
	}
	return ok(fmt.Sprintf("the stack costs about %.2f USD a month without calls, in us-east-1 and without a free tier", plan.MonthlyUSD(items)), strings.Join(names, ", "))
}
