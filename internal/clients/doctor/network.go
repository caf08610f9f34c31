package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"serverless-mcp/internal/clients/mcpclient"
)

// certificateWarning is the remaining validity of a certificate below which the check
// warns.
const certificateWarning = 14 * 24 * time.Hour

func dnsCheck(ctx context.Context, s *session) Finding {
	if err := mcpclient.CheckURL(s.URL); err != nil && !errors.Is(err, mcpclient.ErrInsecure) {
		return failure(err.Error(), "every client", "Copy the URL again; mcpctl url prints yours.").titled("the URL is not usable")
	}
	u := s.endpoint
	if net.ParseIP(u.Hostname()) != nil {
		return ok("").titled("the host is an IP address")
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
		return ok("").titled("the proxy " + proxy.Host + " resolves the host name")
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		s.noNetwork = u.Hostname() + " does not resolve"
		return failure(err.Error(), "every client", "Check the spelling, whether the stack still exists (mcpctl url), and whether this machine has a network.")
	}
	return ok(fmt.Sprintf("%s is %s", u.Hostname(), addresses[0]))
}

// tlsCheck sends the first request, which has no key.
func tlsCheck(ctx context.Context, s *session) Finding {
	if errors.Is(mcpclient.CheckURL(s.URL), mcpclient.ErrInsecure) {
		return failure("plain http", "every client: everyone on the network path can read the key", "Use https, or http://127.0.0.1 for a server on this machine.").titled("the connection is not private")
	}
	if why := s.unmet(needResponse); why != "" {
		return skipped(why)
	}
	ctx, cancel := context.WithTimeout(ctx, s.RequestTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodOptions, s.URL, nil)
	if err != nil {
		return s.noResponse(err, "every client")
	}
	resp, err := s.client.Do(r)
	if err != nil {
		s.noNetwork = withoutURL(err).Error()
		return s.unreachable(withoutURL(err))
	}
	resp.Body.Close()
	if resp.TLS == nil {
		return ok("").titled("the server is reached over plain http, which does not leave this machine")
	}
	if left := resp.TLS.PeerCertificates[0].NotAfter.Sub(s.Now()); left < certificateWarning {
		return warning(fmt.Sprintf("in %d days", int(left.Hours()/24)), "every client, from then on", "Renew the certificate.").titled("the certificate expires soon")
	}
	return ok(tls.VersionName(resp.TLS.Version))
}

// unreachable returns the finding if no request reached the server.
func (s *session) unreachable(err error) Finding {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return failure(certificate.Err.Error(), "every client",
			"Check the host name, and whether a company's proxy is in between whose certificate this machine does not know.").titled("the certificate is not trusted")
	case errors.Is(err, context.DeadlineExceeded):
		return failure(fmt.Sprintf("no response within %v", s.RequestTimeout), "every client", "A firewall may be in between, or the server does not accept requests.")
	case mcpclient.IsLoopback(s.endpoint.Hostname()):
		return failure(err.Error(), "every client", "Start it: go tool mcpctl local")
	}
	return failure(err.Error(), "every client", "Check the URL, and whether a firewall or a proxy blocks the connection.")
}
