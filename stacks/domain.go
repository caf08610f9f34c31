package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"serverless-mcp/internal/settings"
)

// cloudFrontZone is the hosted zone id of every CloudFront distribution.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
const cloudFrontZone = "Z2FDTNDATAQYW2"

// apiAddress returns the HTTP API's URL without a path. With a domain name it
// declares the name, its mapping and its DNS record.
func apiAddress(stack awscdk.Stack, s settings.Settings, api awsapigatewayv2.HttpApi, stage awsapigatewayv2.HttpStage) string {
	host := s.DomainOf(settings.ShapeHTTPAPI)
	if host == "" {
		return *api.ApiEndpoint()
	}
	name := awsapigatewayv2.NewDomainName(stack, jsii.String("ApiDomain"), &awsapigatewayv2.DomainNameProps{
		DomainName:     jsii.String(host),
		Certificate:    certificate(stack, s, s.Domain.RegionalCertificate(), "RegionalCertificate"),
		SecurityPolicy: awsapigatewayv2.SecurityPolicy_TLS_1_2,
	})
	pin(name, "ApiDomain")
	mapping := awsapigatewayv2.NewApiMapping(stack, jsii.String("ApiMapping"), &awsapigatewayv2.ApiMappingProps{
		Api: api, DomainName: name, Stage: stage,
	})
	pin(mapping, "ApiMapping")
	addRecords(stack, s, "Api", host, name.RegionalDomainName(), name.RegionalHostedZoneId(), "A")
	return "https://" + host
}

// certificate returns the certificate with that ARN or, if arn is "", the certificate that
// the stack creates for all domain names. CloudFormation validates the latter by records
// in the hosted zone.
func certificate(stack awscdk.Stack, s settings.Settings, arn, id string) awscertificatemanager.ICertificate {
	if arn != "" {
		return awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String(id), jsii.String(arn))
	}
	const made = "Certificate"
	if found := stack.Node().TryFindChild(jsii.String(made)); found != nil {
		return awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String(id), found.(awscertificatemanager.CfnCertificate).Ref())
	}
	names := s.DomainNames()
	var validation []any
	for _, name := range names {
		validation = append(validation, &awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
			DomainName: jsii.String(name), HostedZoneId: jsii.String(s.Domain.HostedZone),
		})
	}
	props := &awscertificatemanager.CfnCertificateProps{
		DomainName: jsii.String(names[0]), DomainValidationOptions: validation, ValidationMethod: jsii.String("DNS"),
	}
	if len(names) > 1 {
		props.SubjectAlternativeNames = jsii.Strings(names[1:]...)
	}
	if s.Has(settings.ShapeStream) || s.Has(settings.ShapeContainer) {
		props.DomainName = onlyInCloudFrontRegion(stack, names[0])
	}
	resource := awscertificatemanager.NewCfnCertificate(stack, jsii.String(made), props)
	return awscertificatemanager.Certificate_FromCertificateArn(stack, jsii.String(id), resource.Ref())
}

// onlyInCloudFrontRegion returns text in us-east-1. In other regions, where CloudFront
// would reject the certificate, the deployment fails before it creates anything, because
// the mapping has no entry for them.
func onlyInCloudFrontRegion(stack awscdk.Stack, text string) *string {
	regions := awscdk.NewCfnMapping(stack, jsii.String("CertificateForCloudFront"), &awscdk.CfnMappingProps{
		Mapping: &map[string]*map[string]any{settings.CloudFrontRegion: {"DomainName": text}},
	})
	return regions.FindInMap(stack.Region(), jsii.String("DomainName"), nil)
}

// addRecords declares the alias records of a domain name in the hosted zone or, if there
// is none, an output with the target of the CNAME record to create.
func addRecords(stack awscdk.Stack, s settings.Settings, id, host string, target, zone *string, kinds ...string) {
	if s.Domain.HostedZone == "" {
		output(stack, id+"DomainTarget", target, "Create a CNAME record: "+host+" to this name")
		return
	}
	for _, kind := range kinds {
		awsroute53.NewCfnRecordSet(stack, jsii.String(id+"Record"+kind), &awsroute53.CfnRecordSetProps{
			HostedZoneId: jsii.String(s.Domain.HostedZone), Name: jsii.String(host), Type: jsii.String(kind),
			AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{DnsName: target, HostedZoneId: zone},
		})
	}
}

// distributionOptions are the properties that differ between the distributions.
type distributionOptions struct {
	id     string
	shape  string // the distribution gets the domain name of this shape, if it has one
	output string // prefix of its outputs
	origin awscloudfront.IOrigin
}

// newDistribution declares a CloudFront distribution in front of a server, and returns
// its host name. The distribution caches nothing, and does not compress responses, because
// CloudFront would then buffer streams.
func newDistribution(stack awscdk.Stack, s settings.Settings, o distributionOptions) string {
	props := &awscloudfront.DistributionProps{
		Comment:     jsii.String(*stack.StackName()),
		HttpVersion: awscloudfront.HttpVersion_HTTP2_AND_3,
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin:               o.origin,
			AllowedMethods:       awscloudfront.AllowedMethods_ALLOW_ALL(), // the smallest set with POST
			ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			CachePolicy:          awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy:  awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
			Compress:             jsii.Bool(false),
		},
		ErrorResponses: uncachedErrors(),
	}
	reasons := [][2]string{
		{"AwsSolutions-CFR1", "The users' countries are unknown here, and no request succeeds without a key."},
		{"AwsSolutions-CFR2", "A web ACL costs more than the rest of the stack at this size, and the server rejects requests without a key."},
		{"AwsSolutions-CFR3", "The server logs each request with the id of its key. A bucket of access logs would outlive the stack."},
	}
	host := s.DomainOf(o.shape)
	if host != "" {
		props.DomainNames = jsii.Strings(host)
		props.Certificate = certificate(stack, s, s.Domain.CloudFrontCertificate(), o.id+"Certificate")
		props.MinimumProtocolVersion = awscloudfront.SecurityPolicyProtocol_TLS_V1_2_2021
	} else {
		reasons = append(reasons, [2]string{"AwsSolutions-CFR4", "CloudFront's own certificate does not allow a minimum TLS version; with DOMAIN_NAME it is 1.2."})
	}
	front := awscloudfront.NewDistribution(stack, jsii.String(o.id), props)
	pin(front, o.id) // a new distribution has a new address
	suppressAll(child(front), reasons)
	if host == "" {
		return *front.DomainName()
	}
	addRecords(stack, s, o.output, host, front.DomainName(), jsii.String(cloudFrontZone), "A", "AAAA")
	return host
}

// uncachedErrors disables the caching of error responses. By default, CloudFront caches
// them for 10 seconds, even with its policy CachingDisabled, and would send one caller's
// 403 to others.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
func uncachedErrors() *[]*awscloudfront.ErrorResponse {
	var all []*awscloudfront.ErrorResponse
	for _, status := range []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504} {
		all = append(all, &awscloudfront.ErrorResponse{HttpStatus: jsii.Number(status), Ttl: seconds(0)})
	}
	return &all
}
