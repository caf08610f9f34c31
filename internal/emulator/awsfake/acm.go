package awsfake

import "net/http"

// Certificate is a certificate in Certificate Manager.
type Certificate struct {
	Status string   // such as ISSUED or PENDING_VALIDATION
	Names  []string // the first is the subject
}

// NewACM returns a fake of Certificate Manager with the operation
// DescribeCertificate, for certificates by ARN.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
func NewACM(o Options, certificates map[string]Certificate) http.Handler {
	return o.withDefaults().serveJSON("1.1", "CertificateManager", map[string]operation{
		"DescribeCertificate": decoded(func(in struct{ CertificateArn string }) (any, error) {
			c, ok := certificates[in.CertificateArn]
			if !ok {
				return nil, newError("ResourceNotFoundException", "Could not find certificate %s.", in.CertificateArn)
			}
			return map[string]any{"Certificate": map[string]any{
				"CertificateArn": in.CertificateArn, "DomainName": c.Names[0], "Status": c.Status, "SubjectAlternativeNames": c.Names,
			}}, nil
		}),
	})
}
