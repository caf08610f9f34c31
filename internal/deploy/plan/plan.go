// Package plan computes from the settings what a deployment creates and costs, and what it
// requires of the account and the region. It calls no AWS API.
package plan

import (
	"fmt"

	"serverless-mcp/internal/settings"
)

// An Item is one kind of resource that a deployment creates.
type Item struct {
	Name  string // such as "NAT gateway with its address"
	Count int
	// MonthlyUSD is the price of all Count resources for a month of 730 hours without a
	// request, in us-east-1; zero means that they cost nothing while idle.
	MonthlyUSD float64
	// Usage is the price of use, such as "1.00 USD per million requests"; "" means that
	// use costs nothing.
	Usage string
}

// List prices in USD for us-east-1 in November 2026, without a free tier. Check them
// against https://aws.amazon.com/pricing/ before you rely on a figure.
const (
	hours        = 730
	secretMonth  = 0.40
	natHour      = 0.045
	addressHour  = 0.005
	balancerHour = 0.0225
	tableWrite   = 0.625e-6 // of 1 KB to DynamoDB
	tableRead    = 0.125e-6 // of 4 KB
	armCPUHour   = 0.03238  // a vCPU of Fargate on arm64
	armGBHour    = 0.00356
	x86CPUHour   = 0.04048
	x86GBHour    = 0.004445
)

// Items lists what the stack creates, in the order of the stack. Resources that
// never cost anything, such as roles and routes, are not listed. The settings must come
// from [settings.Parse].
func Items(s settings.Settings) []Item {
	items := []Item{secrets(s)}
	if s.Has(settings.ShapeHTTPAPI) {
		items = append(items, httpAPI(s)...)
	}
	if s.Has(settings.ShapeStream) {
		items = append(items, stream(s)...)
	}
	if s.Has(settings.ShapeContainer) {
		items = append(items, container(s)...)
	}
	if s.KeyLimits {
		items = append(items, Item{Name: "DynamoDB table for limits", Count: 1, Usage: fmt.Sprintf("%.3f USD per million counted calls", 1e6*tableWrite)})
	}
	if s.Jobs {
		items = append(items, lambda(s, "job function", s.MemoryMB),
			Item{Name: "DynamoDB table", Count: 1, Usage: fmt.Sprintf("%.3f USD per million writes, %.3f USD per million reads (docs/jobs.md)", 1e6*tableWrite, 1e6*tableRead)})
	}
	if s.Signin.Issuer == settings.CognitoIssuer {
		items = append(items, Item{Name: "user pool", Count: 1, Usage: "0.015 USD for each person who signs in during a month, the first 10,000 free"})
	}
	items = append(items, domain(s)...)
	items = append(items, alarms(s)...)
	return append(items, Item{Name: "log group", Count: logGroups(s), Usage: fmt.Sprintf("0.50 USD per GB written, 0.03 USD per GB and month kept (%d days)", s.LogRetentionDays)})
}

// MonthlyUSD returns the price of an idle month.
func MonthlyUSD(items []Item) float64 {
	total := 0.0
	for _, i := range items {
		total += i.MonthlyUSD
	}
	return total
}

// secrets returns the item for the secrets: the deployment key, the issued keys, the
// tools' secrets and the secret that seals session ids.
func secrets(s settings.Settings) Item {
	n := 1 + len(s.ToolSecrets)
	if s.APIKey != settings.NoKey {
		n++
	}
	if s.Has(settings.ShapeContainer) && s.Container.Stateful() {
		n++
	}
	return Item{Name: "secret", Count: n, MonthlyUSD: secretMonth * float64(n), Usage: "0.05 USD per 10,000 reads"}
}

func lambda(s settings.Settings, name string, memoryMB int) Item {
	return Item{Name: name, Count: 1, Usage: fmt.Sprintf("0.20 USD per million calls, %.2f USD per million seconds", 1e6*gbSecond(s)*float64(memoryMB)/1024)}
}

func httpAPI(s settings.Settings) []Item {
	items := []Item{
		{Name: "HTTP API", Count: 1, Usage: "1.00 USD per million requests"},
		lambda(s, "authorizer function", settings.AuthorizerMemoryMB),
		lambda(s, "MCP function", s.MemoryMB),
	}
	if s.PublicPage {
		items = append(items, lambda(s, "page function", settings.PageMemoryMB))
	}
	return items
}

func stream(s settings.Settings) []Item {
	return []Item{lambda(s, "streaming MCP function with a Function URL", s.MemoryMB)}
}

// distribution returns the item for a CloudFront distribution, which costs nothing while
// idle.
func distribution() Item {
	return Item{Name: "CloudFront distribution", Count: 1, Usage: "0.01 USD per 10,000 requests and 0.085 USD per GB above the free 10 million requests and 1 TB a month"}
}

func container(s settings.Settings) []Item {
	c := s.Container
	cpu, gb := armCPUHour, armGBHour
	if s.Architecture == "x86_64" {
		cpu, gb = x86CPUHour, x86GBHour
	}
	task := hours * (float64(c.CPU)/1024*cpu + float64(c.MemoryMB())/1024*gb)
	items := []Item{
		{Name: "VPC", Count: 1},
		{Name: "Fargate task", Count: c.MinTasks, MonthlyUSD: task * float64(c.MinTasks), Usage: fmt.Sprintf("at most %d tasks: %.2f USD", c.MaxTasks, task*float64(c.MaxTasks))},
		{Name: "load balancer", Count: 1, MonthlyUSD: hours * balancerHour, Usage: "0.008 USD per capacity unit and hour"},
		distribution(),
	}
	if c.Network == "public" {
		return append(items, Item{Name: "public address", Count: c.MinTasks, MonthlyUSD: hours * addressHour * float64(c.MinTasks), Usage: "one for each further task"})
	}
	return append(items, Item{
		Name: "NAT gateway with its address", Count: c.NATGateways, MonthlyUSD: hours * (natHour + addressHour) * float64(c.NATGateways), Usage: "0.045 USD per GB",
	})
}
