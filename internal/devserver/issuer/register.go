package issuer

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"serverless-mcp/internal/signin"
)

// client is a registered client. Its id is the sealed client itself.
type client struct {
	Name         string   `json:"client_name,omitempty"`
	RedirectURIs []string `json:"redirect_uris"`
}

// register implements dynamic client registration, RFC 7591 section 3. It accepts JSON
// only, which a web page of another origin cannot send without a CORS preflight.
func (i *Issuer) register(w http.ResponseWriter, r *http.Request) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		fail(w, "invalid_client_metadata", "the Content-Type must be application/json")
		return
	}
	var c client
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		fail(w, "invalid_client_metadata", "the body is not a JSON object of client metadata")
		return
	}
	if len(c.RedirectURIs) == 0 || len(c.RedirectURIs) > 10 || slices.ContainsFunc(c.RedirectURIs, func(u string) bool { return !validRedirect(u) }) {
		fail(w, "invalid_redirect_uri", "redirect_uris must be 1 to 10 absolute URIs: https, http on a loopback address, or a scheme of the client's own")
		return
	}
	c.Name = strings.ToValidUTF8(c.Name[:min(len(c.Name), 100)], "") // without half a character at the end
	writeJSON(w, http.StatusCreated, map[string]any{
		"client_id":                  i.sealed("client", c),
		"client_name":                c.Name,
		"redirect_uris":              c.RedirectURIs,
		"grant_types":                []string{"authorization_code", "refresh_token"},
		"response_types":             []string{"code"},
		"token_endpoint_auth_method": "none",
	})
}

// validRedirect reports whether a code may be sent to a URI, OAuth 2.1 section
// 2.3.1 and RFC 8252 section 7.
func validRedirect(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Fragment != "" || u.User != nil || len(text) > 1000 {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != ""
	case "http":
		return signin.Loopback(u.Hostname())
	case "javascript", "data", "file", "vbscript", "blob", "about":
		return false
	}
	return true
}

// redirects reports whether the client registered the URI. The port of a loopback
// address may differ, RFC 8252 section 7.3.
func (c client) redirects(to string) bool {
	return slices.ContainsFunc(c.RedirectURIs, func(registered string) bool {
		return registered == to || withoutPort(registered) == withoutPort(to) && withoutPort(to) != ""
	})
}

// withoutPort returns a loopback URI without its port, and "" for other URIs.
func withoutPort(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || !signin.Loopback(u.Hostname()) || u.User != nil {
		return ""
	}
	u.Host = u.Hostname()
	return u.String()
}
