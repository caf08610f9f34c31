package settings

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Domain are the settings of a custom domain name.
type Domain struct {
	// Name is the domain name of the first shape's endpoint; empty means none.
	// See [Settings.DomainOf] for the others.
	Name string
	// Certificates are ARNs of existing certificates; nil means that the stack
	// creates one.
	Certificates []string
	// HostedZone is the id of the Route 53 hosted zone for DNS records and the
	// validation of a certificate; empty means that the user creates the records.
	HostedZone string
	// DisableDefaultEndpoint disables the HTTP API's execute-api address.
	DisableDefaultEndpoint bool
}

// CloudFrontRegion is the region of certificates for CloudFront, wherever the stack
// is. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
const CloudFrontRegion = "us-east-1"

// DomainOf returns the domain name of a shape's endpoint: DOMAIN_NAME for the first
// shape, stream.DOMAIN_NAME and container.DOMAIN_NAME for further shapes. It returns ""
// if DOMAIN_NAME is unset or the shape is not deployed.
func (s Settings) DomainOf(shape string) string {
	switch {
	case s.Domain.Name == "" || !s.Has(shape):
		return ""
	case s.Shapes[0] == shape:
		return s.Domain.Name
	}
	return shape + "." + s.Domain.Name
}

// DomainNames returns the domain names of all shapes.
func (s Settings) DomainNames() []string {
	var names []string
	for _, shape := range s.Shapes {
		if name := s.DomainOf(shape); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// CloudFrontCertificate returns the ARN of the certificate in us-east-1, "" if
// there is none.
func (d Domain) CloudFrontCertificate() string {
	for _, arn := range d.Certificates {
		if certificateRegion(arn) == CloudFrontRegion {
			return arn
		}
	}
	return ""
}

// RegionalCertificate returns the ARN of the certificate for the HTTP API, which must be
// in the stack's region: if there are two, the certificate outside us-east-1.
func (d Domain) RegionalCertificate() string {
	for _, arn := range d.Certificates {
		if certificateRegion(arn) != CloudFrontRegion {
			return arn
		}
	}
	return d.CloudFrontCertificate()
}

func certificateRegion(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 4 {
		return ""
	}
	return parts[3]
}

func domainSettings() []setting {
	return []setting{
		{
			name: "DOMAIN_NAME", example: "mcp.example.com",
			help: "Custom domain name of the endpoint, with CERTIFICATE_ARN or HOSTED_ZONE_ID. With several SHAPES it is the name of\n" +
				"the first one; the others get stream.DOMAIN_NAME and container.DOMAIN_NAME. See docs/domain.md.",
			set: func(s *Settings, v string) error {
				return matching(&s.Domain.Name, v, form{`([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})`, "a domain name in lower case, without https://"})
			},
		},
		{
			name: "CERTIFICATE_ARN", example: "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
			help: "ARN of the certificate in ACM: in the stack's region for the shape http-api, in us-east-1 for stream and container.\n" +
				"If two regions are needed, two ARNs, comma-separated.",
			set: func(s *Settings, v string) error { return setCertificates(&s.Domain.Certificates, v) },
		},
		{
			name: "HOSTED_ZONE_ID", example: "Z0123456789ABCDEFGHIJ",
			help: "ID of the domain's Route 53 hosted zone. The stack creates the DNS records there and, if CERTIFICATE_ARN is unset,\n" +
				"a certificate; for stream and container that requires a stack in us-east-1.",
			set: func(s *Settings, v string) error {
				return matching(&s.Domain.HostedZone, v, form{`Z[A-Z0-9]{1,31}`, "the id of a hosted zone, Z..."})
			},
		},
		{
			name: "DISABLE_DEFAULT_ENDPOINT", fallback: "false",
			help: "true disables the HTTP API's execute-api address, so that DOMAIN_NAME is its only one.",
			set:  func(s *Settings, v string) error { return setBool(&s.Domain.DisableDefaultEndpoint, v) },
		},
	}
}

func setCertificates(field *[]string, value string) error {
	pattern := regexp.MustCompile(`^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]+$`)
	arns := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	regions := map[string]bool{}
	for _, arn := range arns {
		if !pattern.MatchString(arn) {
			return fmt.Errorf("%q is not the ARN of a certificate in ACM", arn)
		}
		regions[certificateRegion(arn)] = true
	}
	if len(arns) == 0 || len(arns) > 2 || len(regions) != len(arns) {
		return fmt.Errorf("%q has %d certificates in %d regions, need one, or two in different regions", value, len(arns), len(regions))
	}
	if len(arns) == 2 && !regions[CloudFrontRegion] {
		return fmt.Errorf("%q has no certificate in %s, need one there and one in the stack's region", value, CloudFrontRegion)
	}
	*field = arns
	return nil
}

// checkDomain checks settings of the domain that depend on each other.
func checkDomain(s Settings) error {
	d := s.Domain
	var problems []string
	problem := func(wrong bool, text string) {
		if wrong {
			problems = append(problems, text)
		}
	}
	problem(d.Name == "" && (d.Certificates != nil || d.HostedZone != "" || d.DisableDefaultEndpoint),
		"CERTIFICATE_ARN, HOSTED_ZONE_ID and DISABLE_DEFAULT_ENDPOINT need DOMAIN_NAME")
	problem(d.Name != "" && d.Certificates == nil && d.HostedZone == "",
		"DOMAIN_NAME needs CERTIFICATE_ARN or HOSTED_ZONE_ID")
	problem(d.Certificates != nil && s.usesCloudFront() && d.CloudFrontCertificate() == "",
		"CERTIFICATE_ARN has no certificate in "+CloudFrontRegion+", which the shapes stream and container need for DOMAIN_NAME")
	problem(d.DisableDefaultEndpoint && !s.Has(ShapeHTTPAPI),
		"DISABLE_DEFAULT_ENDPOINT needs the shape "+ShapeHTTPAPI+" in SHAPES")
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, "; "))
}

// usesCloudFront reports whether a shape with a domain name is behind CloudFront.
func (s Settings) usesCloudFront() bool {
	return slices.ContainsFunc(s.Shapes, func(shape string) bool { return shape != ShapeHTTPAPI })
}
