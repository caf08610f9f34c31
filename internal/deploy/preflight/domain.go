package preflight

import (
	"errors"
	"slices"
	"strings"

	"serverless-mcp/internal/clients/doctor"
	"serverless-mcp/internal/settings"
)

// Domain has the facts about the configured domain names.
type Domain struct {
	Resolved []string // names that resolve
	Err      error    // why the others do not resolve

	Certificates   []Certificate // of CERTIFICATE_ARN
	CertificateErr error

	Zone    string // name of the hosted zone, such as example.com; empty means that there is none
	ZoneErr error
}

// Certificate is a certificate in ACM.
type Certificate struct {
	ARN    string
	Status string   // ACM's, such as ISSUED; empty means that it does not exist
	Names  []string // domain names, perhaps with a wildcard
}

// domainFindings returns the findings for DNS, certificates and hosted zone; nil without a
// domain.
func domainFindings(f Facts, s settings.Settings) []doctor.Finding {
	if s.Domain.Name == "" {
		return nil
	}
	all := []doctor.Finding{finding("dns", "domain", dnsFinding(f, s))}
	if s.Domain.Certificates != nil {
		all = append(all, finding("certificate", "certificate", certificateFinding(f.Domain, s)))
	}
	if s.Domain.HostedZone != "" {
		all = append(all, finding("hosted-zone", "hosted zone", zoneFinding(f.Domain, s)))
	}
	return all
}

func dnsFinding(f Facts, s settings.Settings) doctor.Finding {
	names := strings.Join(s.DomainNames(), ", ")
	switch d := f.Domain; {
	case s.Domain.HostedZone != "" && !f.Exists && f.StackErr == nil && d.Resolved != nil:
		return warning("the domain is in use", "already resolved: "+strings.Join(d.Resolved, ", "),
			"the deployment, if the hosted zone has a record of that name, and the users of that record",
			"Delete the record first, or choose another DOMAIN_NAME.")
	case s.Domain.HostedZone != "":
		return ok("the deployment creates the records of the domain", names)
	case d.Err != nil:
		return warning("the domain does not resolve", names+": "+d.Err.Error(), "clients that use the domain",
			"After the deployment, create a CNAME record to the output that ends in DomainTarget for each name.")
	}
	return ok("the domain resolves", names)
}

func certificateFinding(d Domain, s settings.Settings) doctor.Finding {
	if d.CertificateErr != nil {
		return skipped(d.CertificateErr)
	}
	for _, c := range d.Certificates {
		switch c.Status {
		case "ISSUED":
		case "":
			return failure("a certificate does not exist", c.ARN, "Correct CERTIFICATE_ARN: aws acm list-certificates lists the certificates of a region.")
		default:
			return failure("a certificate is not valid", c.ARN+": "+c.Status, "Validate it in ACM, or set CERTIFICATE_ARN to another.")
		}
	}
	for _, shape := range s.Shapes {
		arn, name := s.Domain.CloudFrontCertificate(), s.DomainOf(shape)
		if shape == settings.ShapeHTTPAPI {
			arn = s.Domain.RegionalCertificate()
		}
		i := slices.IndexFunc(d.Certificates, func(c Certificate) bool { return c.ARN == arn })
		if i < 0 || !d.Certificates[i].covers(name) {
			return failure("a certificate does not cover the domain", arn+" is not for "+name, "Request one for "+strings.Join(s.DomainNames(), ", ")+" in ACM, and set CERTIFICATE_ARN.")
		}
	}
	return ok("the certificates cover the domain", "")
}

// covers reports whether the certificate covers the name. A wildcard matches one label.
func (c Certificate) covers(name string) bool {
	_, parent, _ := strings.Cut(name, ".")
	return slices.ContainsFunc(c.Names, func(n string) bool {
		return strings.EqualFold(n, name) || strings.EqualFold(n, "*."+parent)
	})
}

var errNoZone = errors.New("HOSTED_ZONE_ID is not a hosted zone of this account")

func zoneFinding(d Domain, s settings.Settings) doctor.Finding {
	const advice = "Correct HOSTED_ZONE_ID: aws route53 list-hosted-zones lists them."
	switch {
	case errors.Is(d.ZoneErr, errNoZone):
		return failure("the hosted zone does not exist", d.ZoneErr.Error(), advice)
	case d.ZoneErr != nil:
		return skipped(d.ZoneErr)
	case s.Domain.Name != d.Zone && !strings.HasSuffix(s.Domain.Name, "."+d.Zone):
		return failure("the hosted zone belongs to another domain", d.Zone+" does not contain "+s.Domain.Name, advice)
	}
	return ok("the hosted zone contains the domain", d.Zone)
}
