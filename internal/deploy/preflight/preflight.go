// Package preflight looks at an AWS account before a deployment and reports what
// would make it fail: credentials, bootstrap, quotas, names, DNS, Node.js.
// [Read] reads the facts from AWS and changes nothing; [Findings] judges them.
package preflight

import (
	"fmt"
	"strconv"
	"strings"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/deploy/plan"
	"serverless-mcp/internal/settings"
)

// Facts are what is known about the account, the region and this machine. Each
// part may be missing, with an error that says why.
type Facts struct {
	Region  string
	Account string

	Bootstrap    int // version of the CDK's bootstrap stack; 0 means none
	BootstrapErr error

	// Unreserved is how many concurrent executions of functions no function
	// reserves, Concurrency the account's limit.
	Concurrency, Unreserved int
	ConcurrencyErr          error

	Exists       bool   // a stack of that name exists
	StackProblem string // its state, if the last deployment did not succeed
	StackErr     error

	VPCs, Addresses int // existing ones in the region; for the shape container only
	NetworkErr      error

	ClusterRole    bool // the service-linked role of ECS exists; for the shape container only
	ClusterRoleErr error

	DomainErr error // why the configured domain does not resolve; nil without a domain

	Node    string // of "node --version", such as v22.11.0
	NodeErr error
}

// Requirements and default quotas. The bootstrap version is the one that
// templates of CDK 2 check; the quotas are in
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html and
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html.
const (
	minBootstrap   = 6
	minNode        = 22
	minUnreserved  = 100 // Lambda rejects a reservation that leaves fewer
	lowConcurrency = 100 // new accounts often have 10
	maxVPCs        = 5
	maxAddresses   = 5
)

// Findings judges the facts for a deployment with these settings.
func Findings(f Facts, s settings.Settings) []doctor.Finding {
	all := []doctor.Finding{
		finding("node", "Node.js", nodeFinding(f)),
		finding("region", "region", regionFinding(f, s)),
		finding("bootstrap", "CDK bootstrap", bootstrapFinding(f)),
		finding("stack", "stack", stackFinding(f, s)),
		finding("concurrency", "concurrency", concurrencyFinding(f, s)),
	}
	if s.Has(settings.ShapeContainer) {
		all = append(all,
			finding("network", "network quotas", networkFinding(f, s.Container)),
			finding("cluster-role", "role of ECS", clusterRoleFinding(f)),
			finding("cloudfront", "CloudFront", cloudFrontFinding()),
		)
	}
	if s.Domain.Name != "" {
		all = append(all, finding("dns", "domain", domainFinding(f, s)))
	}
	for _, shape := range s.Shapes {
		all = append(all, finding("plan-"+shape, shape, planFinding(s, shape)))
	}
	return all
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

func nodeFinding(f Facts) doctor.Finding {
	advice := fmt.Sprintf("Install Node.js %d or later: https://nodejs.org", minNode)
	if f.NodeErr != nil {
		return failure("Node.js is not found", f.NodeErr.Error(), advice)
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(f.Node, "v"), ".")
	major, err := strconv.Atoi(text)
	switch {
	case err != nil:
		return doctor.Finding{Status: doctor.Skipped, Detail: fmt.Sprintf("unknown version of Node.js: %q", f.Node)}
	case major < minNode:
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
	case f.Bootstrap < minBootstrap:
		return failure("the CDK's bootstrap is too old", fmt.Sprintf("version %d, need %d", f.Bootstrap, minBootstrap), advice)
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

func concurrencyFinding(f Facts, s settings.Settings) doctor.Finding {
	const ask = "Ask AWS for more: Service Quotas, Lambda, concurrent executions."
	needed := s.ReservedConcurrency * functionsWithReservation(s)
	switch {
	case f.ConcurrencyErr != nil:
		return skipped(f.ConcurrencyErr)
	case needed > 0 && !f.Exists && f.Unreserved-needed < minUnreserved:
		return failure("RESERVED_CONCURRENCY is more than the account allows",
			fmt.Sprintf("%d are reserved by this stack, %d are free, and Lambda keeps %d unreserved", needed, f.Unreserved, minUnreserved),
			"Set RESERVED_CONCURRENCY=0. "+ask)
	case f.Concurrency < lowConcurrency:
		return warning("the account can run few functions at once", fmt.Sprintf("%d, for all its functions together", f.Concurrency),
			"calls, when several clients call at once: 503", ask)
	}
	return ok("the account has capacity for concurrent calls", fmt.Sprint(f.Concurrency))
}

// functionsWithReservation returns the number of MCP functions, each of which
// reserves RESERVED_CONCURRENCY.
func functionsWithReservation(s settings.Settings) int {
	n := 0
	for _, shape := range s.Shapes {
		if shape != settings.ShapeContainer {
			n++
		}
	}
	return n
}

func networkFinding(f Facts, c settings.Container) doctor.Finding {
	gateways := c.NATGateways
	if c.Network == "public" {
		gateways = 0
	}
	detail := fmt.Sprintf("%d VPCs and %d Elastic IP addresses exist; the default quotas are %d and %d", f.VPCs, f.Addresses, maxVPCs, maxAddresses)
	switch {
	case f.NetworkErr != nil:
		return skipped(f.NetworkErr)
	case f.Exists: // its network may be among them
		return ok("the network quotas are not checked for an update", detail)
	case f.VPCs+1 > maxVPCs || f.Addresses+gateways > maxAddresses:
		return warning("the network quotas may be exhausted", detail, "the deployment, unless your quotas are higher",
			"Delete what is not used, or ask AWS for more: Service Quotas, VPCs per region and EC2-VPC Elastic IPs.")
	}
	return ok("the network quotas are sufficient", detail)
}

func clusterRoleFinding(f Facts) doctor.Finding {
	switch {
	case f.ClusterRoleErr != nil:
		return skipped(f.ClusterRoleErr)
	case !f.ClusterRole:
		return warning("the account has no service-linked role for ECS", "AWSServiceRoleForECS", "perhaps the first deployment: AWS creates the role with the first cluster, and the cluster can fail before it is ready",
			"Create it first: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com")
	}
	return ok("the account has the service-linked role for ECS", "")
}

// cloudFrontFinding is a reminder: no API reports whether an account is verified.
func cloudFrontFinding() doctor.Finding {
	return doctor.Finding{Status: doctor.Skipped, Detail: "AWS does not report whether the account may use CloudFront; if the deployment fails with \"account must be verified\", open a case with AWS Support"}
}

func domainFinding(f Facts, s settings.Settings) doctor.Finding {
	names := strings.Join(s.DomainNames(), ", ")
	switch {
	case s.Domain.HostedZone != "":
		return ok("the deployment creates the records of the domain", names)
	case f.DomainErr != nil:
		return warning("the domain does not resolve", names+": "+f.DomainErr.Error(), "clients that use the domain",
			"After the deployment, create a CNAME record to the output that ends in DomainTarget for each name.")
	}
	return ok("the domain resolves", names)
}

// planFinding says what a shape creates and costs. The figures are those of
// docs/shapes.md, without the free tier.
func planFinding(s settings.Settings, shape string) doctor.Finding {
	switch shape {
	case settings.ShapeStream:
		return ok("stream creates a Function URL, its MCP function, log group and role", "about 1 USD a month for 10 thousand short calls, 3 USD for a million")
	case settings.ShapeContainer:
		cost := "about 61 USD a month for 10 thousand calls, 64 USD for a million"
		if s.Container.Network == "public" {
			cost = "about 28 USD a month for 10 thousand calls, 31 USD for a million"
		}
		return ok("container creates a VPC, a load balancer, a Fargate service and a CloudFront distribution", cost+"; a task more costs 7 USD")
	}
	return ok("http-api creates an HTTP API, an authorizer and an MCP function, with log groups and roles", "about 1 USD a month for 10 thousand short calls, 4 USD for a million")
}
