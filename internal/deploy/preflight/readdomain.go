package preflight

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// domain reads DNS, the certificates and the hosted zone.
func (o Options) domain(ctx context.Context) (d Domain) {
	for _, name := range o.Settings.DomainNames() {
		if _, err := o.LookupHost(ctx, name); err != nil {
			d.Err = errors.Join(d.Err, err)
			continue
		}
		d.Resolved = append(d.Resolved, name)
	}
	d.Certificates, d.CertificateErr = o.certificates(ctx)
	if o.Settings.Domain.HostedZone != "" {
		d.Zone, d.ZoneErr = o.zone(ctx)
	}
	return d
}

// certificates reads the certificates of CERTIFICATE_ARN, each in its region.
func (o Options) certificates(ctx context.Context) ([]Certificate, error) {
	var all []Certificate
	for _, arn := range o.Settings.Domain.Certificates {
		var out struct {
			Certificate struct {
				Status                  string
				SubjectAlternativeNames []string
			}
		}
		region := strings.Split(arn, ":")[3] // settings.Parse has checked the ARN
		err := o.regional("acm", "ACM", region).json(ctx, "CertificateManager", "DescribeCertificate", map[string]string{"CertificateArn": arn}, &out)
		if err != nil && !hasCode(err, "ResourceNotFoundException") {
			return nil, o.explain("describe the certificate", err)
		}
		all = append(all, Certificate{ARN: arn, Status: out.Certificate.Status, Names: out.Certificate.SubjectAlternativeNames})
	}
	return all, nil
}

// zone returns the name of the hosted zone, without the trailing dot.
func (o Options) zone(ctx context.Context) (string, error) {
	var out struct {
		Name string `xml:"HostedZone>Name"`
	}
	route53 := o.global("route53", "ROUTE_53", "cn-northwest-1")
	path := "/2013-04-01/hostedzone/" + o.Settings.Domain.HostedZone
	err := route53.send(ctx, "GetHostedZone", http.MethodGet, path, "", http.Header{}, func(body []byte, failed bool) error {
		if failed {
			return apiError(body)
		}
		return unmarshalXML(body, &out)
	})
	if hasCode(err, "NoSuchHostedZone") {
		return "", errNoZone
	}
	if err != nil {
		return "", o.explain("look up the hosted zone", err)
	}
	return strings.TrimSuffix(out.Name, "."), nil
}
