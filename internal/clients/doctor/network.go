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

// soon is how close the end of a certificate may be.
const soon = 14 * 24 * time.Hour

func dnsCheck(ctx context.Context, x *exam) Finding {
	if err := mcpclient.CheckURL(x.URL); err != nil && !errors.Is(err, mcpclient.ErrInsecure) {
		return failure(err.Error(), "every client", "Copy the address again; mcpctl url prints yours.")
	}
	u := x.endpoint
	if net.ParseIP(u.Hostname()) != nil {
		return ok("it is an IP address")
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: u}); err == nil && proxy != nil {
		return ok("left to the proxy " + proxy.Host)
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		x.noNetwork = u.Hostname() + " is not found"
		return failure(err.Error(), "every client", "Is it spelt right, is the stack still there (mcpctl url), and does this machine have a network?")
	}
	return ok(fmt.Sprintf("%s is %s", u.Hostname(), addresses[0]))
}

// tlsCheck makes the first request, which carries no key.
func tlsCheck(ctx context.Context, x *exam) Finding {
	if errors.Is(mcpclient.CheckURL(x.URL), mcpclient.ErrInsecure) {
		return failure("it is plain http", "every client: whoever is on the way reads the key", "Use https, or http://127.0.0.1 for a server on this machine.")
	}
	if why := x.missing(network); why != "" {
		return Finding{Status: Skipped, Detail: why}
	}
	ctx, cancel := context.WithTimeout(ctx, x.Patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodOptions, x.URL, nil)
	if err != nil {
		return x.unanswered(err, "every client")
	}
	resp, err := x.client.Do(r)
	if err != nil {
		x.noNetwork = plain(err).Error()
		return x.unreachable(plain(err))
	}
	resp.Body.Close()
	if resp.TLS == nil {
		return ok("plain http, on this machine only")
	}
	if left := resp.TLS.PeerCertificates[0].NotAfter.Sub(x.Now()); left < soon {
		return warning(fmt.Sprintf("the certificate ends in %d days", int(left.Hours()/24)), "every client, then", "Have it renewed.")
	}
	return ok(tls.VersionName(resp.TLS.Version))
}

// unreachable is about a server that was not reached, not even once.
func (x *exam) unreachable(err error) Finding {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return failure("the certificate is not trusted: "+certificate.Err.Error(), "every client",
			"Is it the right name, and is a company's proxy in between whose certificate this machine does not know?")
	case errors.Is(err, context.DeadlineExceeded):
		return failure(fmt.Sprintf("no answer within %v", x.Patience), "every client", "Is a firewall in between, or is the server stuck?")
	case mcpclient.IsLoopback(x.endpoint.Hostname()):
		return failure(err.Error(), "every client", "Start it: go tool mcpctl local")
	}
	return failure(err.Error(), "every client", "Is the address right, and does a firewall or a proxy let it through?")
}
