package issuer

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed form.html
var formText string

var form = template.Must(template.New("form").Parse(formText))

// challenge is a PKCE challenge of the method S256, RFC 7636 section 4.2.
var challenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// request is an authorization request, OAuth 2.1 section 4.1.1.
type request struct {
	ClientID, RedirectURI, Challenge, Scope, State, Resource string

	client client
}

// grant is what a person agreed to. Codes and refresh tokens are sealed grants.
type grant struct {
	ID, ClientID, RedirectURI, Challenge, Scope, Subject string
	Groups                                               []string
	Expires                                              int64 // Unix time
}

// maxSubject is the length in bytes of a subject that servers accept, OpenID Connect Core
// section 2.
const maxSubject = 255

// codeLifetime is how long a code can be exchanged, OAuth 2.1 section 4.1.2.
const codeLifetime = time.Minute

// showForm shows the form, or rejects the request.
func (i *Issuer) showForm(w http.ResponseWriter, r *http.Request) {
	if req, ok := i.authorization(w, r, r.URL.Query()); ok {
		i.render(w, http.StatusOK, req, "")
	}
}

// signIn handles the submitted form and sends the browser back to the client with a code.
func (i *Issuer) signIn(w http.ResponseWriter, r *http.Request) {
	// Another site must not be able to submit the form.
	if origin := r.Header.Get("Origin"); origin != i.o.URL && origin != "" || r.Header.Get("Sec-Fetch-Site") == "cross-site" {
		http.Error(w, "the form was sent by another site", http.StatusForbidden)
		return
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "malformed form", http.StatusBadRequest)
		return
	}
	req, ok := i.authorization(w, r, r.PostForm)
	if !ok {
		return
	}
	if r.PostForm.Has("deny") {
		i.redirect(w, r, req, url.Values{"error": {"access_denied"}})
		return
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if name == "" || utf8.RuneCountInString(name) > 100 || len(name) > maxSubject {
		i.render(w, http.StatusBadRequest, req, fmt.Sprintf("Enter a name of at most 100 characters and %d bytes.", maxSubject))
		return
	}
	groups := strings.FieldsFunc(r.PostForm.Get("groups"), func(r rune) bool { return r == ',' })
	for n, group := range groups {
		groups[n] = strings.TrimSpace(group)
	}
	i.redirect(w, r, req, url.Values{"code": {i.sealed("code", grant{
		ID: newID(), ClientID: req.ClientID, RedirectURI: req.RedirectURI, Challenge: req.Challenge, Scope: req.Scope,
		Subject: name, Groups: groups, Expires: i.o.Now().Add(codeLifetime).Unix(),
	})}})
}

// authorization reads and checks an authorization request. If the request is invalid, it
// writes an error and returns false. The error is a redirect to the client if client and
// URI are known, and otherwise a page, so that this is not an open redirector.
func (i *Issuer) authorization(w http.ResponseWriter, r *http.Request, v url.Values) (request, bool) {
	req := request{
		ClientID: v.Get("client_id"), RedirectURI: v.Get("redirect_uri"), Challenge: v.Get("code_challenge"),
		Scope: v.Get("scope"), State: v.Get("state"), Resource: v.Get("resource"),
	}
	if !i.open("client", req.ClientID, &req.client) {
		http.Error(w, "unknown client_id: the client has to register again", http.StatusBadRequest)
		return request{}, false
	}
	if req.RedirectURI == "" && len(req.client.RedirectURIs) == 1 {
		req.RedirectURI = req.client.RedirectURIs[0]
	}
	if !req.client.redirects(req.RedirectURI) {
		http.Error(w, "redirect_uri is not one that the client registered", http.StatusBadRequest)
		return request{}, false
	}
	code := ""
	switch {
	case v.Get("response_type") != "code":
		code = "unsupported_response_type"
	case v.Get("code_challenge_method") != "S256" || !challenge.MatchString(req.Challenge):
		code = "invalid_request"
	case req.Resource != "" && req.Resource != i.o.Resource: // RFC 8707 section 2
		code = "invalid_target"
	case slices.ContainsFunc(strings.Fields(req.Scope), func(s string) bool { return s != "offline_access" && !slices.Contains(i.o.Scopes, s) }):
		code = "invalid_scope"
	default:
		return req, true
	}
	i.redirect(w, r, req, url.Values{"error": {code}})
	return request{}, false
}

// redirect sends the browser back to the client.
func (i *Issuer) redirect(w http.ResponseWriter, r *http.Request, req request, v url.Values) {
	v.Set("iss", i.o.URL)
	if req.State != "" {
		v.Set("state", req.State)
	}
	u, err := url.Parse(req.RedirectURI)
	if err != nil {
		http.Error(w, "malformed redirect_uri", http.StatusBadRequest)
		return
	}
	q := u.Query()
	for name := range v {
		q.Set(name, v.Get(name))
	}
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
}

// render writes the form.
func (i *Issuer) render(w http.ResponseWriter, status int, req request, problem string) {
	to, _ := url.Parse(req.RedirectURI)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Referrer-Policy", "same-origin")
	w.WriteHeader(status)
	_ = form.Execute(w, map[string]any{
		"Request": req, "Client": req.client.Name, "To": to.Scheme + "://" + to.Host, "Resource": i.o.Resource, "Problem": problem,
	})
}
