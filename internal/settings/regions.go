package settings

import "slices"

// CloudFrontPrefixLists returns, by region, the ids of the managed prefix list
// com.amazonaws.global.cloudfront.origin-facing. In a region without an entry,
// CLOUDFRONT_PREFIX_LIST must be set.
func CloudFrontPrefixLists() map[string]string {
	return map[string]string{
		"ap-northeast-1": "pl-58a04531", "ap-northeast-2": "pl-22a6434b", "ap-northeast-3": "pl-31a14458",
		"ap-south-1": "pl-9aa247f3", "ap-southeast-1": "pl-31a34658", "ap-southeast-2": "pl-b8a742d1",
		"ca-central-1": "pl-38a64351", "eu-central-1": "pl-a3a144ca", "eu-north-1": "pl-fab65393",
		"eu-west-1": "pl-4fa04526", "eu-west-2": "pl-93a247fa", "eu-west-3": "pl-75b1541c",
		"sa-east-1": "pl-5da64334", "us-east-1": "pl-3b927c52", "us-east-2": "pl-b6a144df",
		"us-west-1": "pl-4ea04527", "us-west-2": "pl-82a045eb",
	}
}

// LacksFunctionURLs reports whether Lambda offers no Function URLs in a region, so
// that the shape stream cannot be deployed there.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
func LacksFunctionURLs(region string) bool {
	return slices.Contains([]string{
		"ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1",
		"eu-central-2", "eu-south-2", "il-central-1", "me-central-1",
	}, region)
}

// VPCOriginZones reports whether CloudFront offers VPC origins in a region, which
// the shape container needs, and the ids of the availability zones that they
// exclude. CONTAINER_ZONES selects others.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
func VPCOriginZones(region string) (excluded []string, ok bool) {
	excluded, ok = map[string][]string{
		"us-east-1": {"use1-az3"}, "us-east-2": nil, "us-west-1": {"usw1-az2"}, "us-west-2": nil,
		"af-south-1": nil, "ap-east-1": nil, "ap-south-1": nil, "ap-south-2": nil,
		"ap-southeast-1": nil, "ap-southeast-2": nil, "ap-southeast-3": nil, "ap-southeast-4": nil,
		"ap-northeast-1": {"apne1-az3"}, "ap-northeast-2": nil, "ap-northeast-3": nil,
		"ca-central-1": {"cac1-az3"}, "ca-west-1": nil,
		"eu-central-1": nil, "eu-central-2": nil, "eu-north-1": nil, "eu-south-1": nil, "eu-south-2": nil,
		"eu-west-1": nil, "eu-west-2": nil, "eu-west-3": nil,
		"il-central-1": nil, "me-central-1": nil, "me-south-1": nil, "sa-east-1": nil,
	}[region]
	return excluded, ok
}
