package plan

import (
	"fmt"
	"strings"

	"serverless-mcp/internal/settings"
)

// UnreservedConcurrency is how many concurrent executions of an account AWS keeps
// unreserved. https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
const UnreservedConcurrency = 100

// BootstrapVersion is the lowest version of the CDK's bootstrap stack that can
// deploy this stack. The SSM parameter /cdk-bootstrap/hnb659fds/version has the
// version of an account and region.
const BootstrapVersion = 6

// NodeVersion is the lowest major version of Node.js that the CDK supports.
const NodeVersion = 22

// Default quotas of a region.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
const (
	VPCQuota     = 5 // VPCs per Region
	AddressQuota = 5 // EC2-VPC Elastic IPs
)

// Needs is what a deployment takes from the quotas of the account and region.
type Needs struct {
	VPCs               int // see [VPCQuota]
	ElasticIPs         int // see [AddressQuota]
	ReservedExecutions int // of the account's concurrency; see [UnreservedConcurrency]
	// ECSServiceRole means that the service-linked role AWSServiceRoleForECS must
	// exist: the first cluster of an account can fail while ECS creates it. The
	// remedy is aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com
	ECSServiceRole bool
	// CloudFront means that the account must be verified for CloudFront; AWS Support
	// verifies a new account on request.
	CloudFront bool
	// NamedResources lists physical names that must not be in use: the stack's name, and
	// the domain names.
	NamedResources []string
}

// NeedsOf returns what the settings need.
func NeedsOf(s settings.Settings) Needs {
	n := Needs{NamedResources: append([]string{s.FullStackName()}, s.DomainNames()...)}
	for _, shape := range []string{settings.ShapeHTTPAPI, settings.ShapeStream} {
		if s.Has(shape) {
			n.ReservedExecutions += s.ReservedConcurrency
		}
	}
	if s.Jobs {
		n.ReservedExecutions += s.ReservedConcurrency
	}
	if s.Has(settings.ShapeContainer) {
		n.VPCs, n.ECSServiceRole, n.CloudFront = 1, true, true
		if s.Container.Network == "private" {
			n.ElasticIPs = s.Container.NATGateways
		}
	}
	if s.Has(settings.ShapeStream) && s.Domain.Name != "" {
		n.CloudFront = true
	}
	return n
}

// RegionProblems lists why the settings cannot be deployed in a region; nil means
// that no reason is known.
func RegionProblems(s settings.Settings, region string) []string {
	var problems []string
	if s.Has(settings.ShapeStream) && settings.LacksFunctionURLs(region) {
		problems = append(problems, "Lambda offers no Function URLs in "+region+", which the shape stream needs")
	}
	if s.Has(settings.ShapeContainer) {
		problems = append(problems, containerProblems(s, region)...)
	}
	if s.Domain.Name != "" {
		problems = append(problems, domainProblems(s, region)...)
	}
	return problems
}

func containerProblems(s settings.Settings, region string) []string {
	var problems []string
	excluded, ok := settings.VPCOriginZones(region)
	switch {
	case !ok:
		problems = append(problems, "CloudFront offers no VPC origins in "+region+", which the shape container needs")
	case excluded != nil && s.Container.Zones == nil:
		problems = append(problems, fmt.Sprintf("CloudFront VPC origins exclude %s of %s: set CONTAINER_ZONES to others "+
			"(aws ec2 describe-availability-zones lists names and ids)", strings.Join(excluded, ", "), region))
	}
	if _, known := settings.CloudFrontPrefixLists()[region]; !known && s.Container.PrefixList == "" {
		problems = append(problems, "CloudFront's prefix list in "+region+" is not built in: set CLOUDFRONT_PREFIX_LIST")
	}
	if from, ok := s.Container.ImageReference(); ok && from.Region != region {
		problems = append(problems, "CONTAINER_IMAGE is in "+from.Region+", not in "+region)
	}
	return problems
}

func domainProblems(s settings.Settings, region string) []string {
	var problems []string
	made := s.Domain.Certificates == nil
	if made && region != settings.CloudFrontRegion && (s.Has(settings.ShapeStream) || s.Has(settings.ShapeContainer)) {
		problems = append(problems, "the certificate for CloudFront can only be created in a stack in "+settings.CloudFrontRegion+": set CERTIFICATE_ARN")
	}
	if arn := s.Domain.RegionalCertificate(); !made && s.Has(settings.ShapeHTTPAPI) && !strings.Contains(arn, ":acm:"+region+":") {
		problems = append(problems, "CERTIFICATE_ARN has no certificate in "+region+", which the shape http-api needs")
	}
	return problems
}
