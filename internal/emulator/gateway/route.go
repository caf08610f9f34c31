package gateway

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/time/rate"
)

// route is a parsed [Route].
type route struct {
	Route
	segments []segment // nil for $default
	identity []identitySource
	limiter  *rate.Limiter // nil means that the stage's throttle applies
}

// segment is one part of a path between slashes.
type segment struct {
	text string // literal text, or the parameter's name
	kind int    // literal, variable or greedy
}

// Kinds of segments, in ascending order of specificity.
const (
	greedy = iota
	variable
	literal
)

const defaultRoute = "$default"

func (r *route) key() string {
	if r.Path == defaultRoute {
		return defaultRoute
	}
	return r.Method + " " + r.Path
}

// parseRoutes rejects what API Gateway rejects and returns all problems in one
// error.
func parseRoutes(list []Route) ([]*route, error) {
	var routes []*route
	var problems []error
	seen := map[string]bool{}
	for _, r := range list {
		parsed, err := parseRoute(r)
		if err == nil && seen[parsed.key()] {
			err = errors.New("declared twice")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("route %q: %w", r.Method+" "+r.Path, err))
			continue
		}
		seen[parsed.key()] = true
		routes = append(routes, parsed)
	}
	return routes, errors.Join(problems...)
}

func parseRoute(r Route) (*route, error) {
	parsed := &route{Route: r}
	if r.ThrottleRate > 0 {
		parsed.limiter = rate.NewLimiter(rate.Limit(r.ThrottleRate), r.ThrottleBurst)
	}
	if r.Integration == nil {
		return nil, errors.New("no integration")
	}
	if auth := r.Authorizer; auth != nil {
		sources, err := parseAuthorizer(auth)
		if err != nil {
			return nil, err
		}
		parsed.identity = sources
	}
	if r.Path == defaultRoute {
		return parsed, nil
	}
	if r.Method == "" || !strings.HasPrefix(r.Path, "/") || (r.Path != "/" && strings.HasSuffix(r.Path, "/")) {
		return nil, errors.New("want a method, and a path that begins with a slash and does not end with one")
	}
	for _, text := range split(r.Path) {
		if n := len(parsed.segments); n > 0 && parsed.segments[n-1].kind == greedy {
			return nil, errors.New("a greedy variable must come last")
		}
		parsed.segments = append(parsed.segments, parseSegment(text))
	}
	return parsed, nil
}

func parseSegment(text string) segment {
	name, isVariable := strings.CutPrefix(text, "{")
	name, closed := strings.CutSuffix(name, "}")
	if !isVariable || !closed {
		return segment{text, literal}
	}
	if name, isGreedy := strings.CutSuffix(name, "+"); isGreedy {
		return segment{name, greedy}
	}
	return segment{name, variable}
}

// split returns the segments of a path. "/mcp/" has an empty last segment, so it
// matches /mcp/{proxy+} and not /mcp.
func split(path string) []string {
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// match finds the most specific route: full match before a greedy variable
// before $default, a named method before ANY.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
func (a *API) match(x *exchange) bool {
	path := split(x.path())
	for _, r := range a.routes {
		if r.Method != x.r.Method && r.Method != "ANY" && r.Path != defaultRoute {
			continue
		}
		params, ok := r.params(path)
		if ok && (x.route == nil || r.before(x.route)) {
			x.route, x.params = r, params
		}
	}
	return x.route != nil
}

// params returns the path parameters; false if the route does not match the path.
func (r *route) params(path []string) (map[string]string, bool) {
	if r.Path == defaultRoute {
		return nil, true
	}
	params := map[string]string{}
	for i, s := range r.segments {
		switch {
		case i >= len(path):
			return nil, false
		case s.kind == greedy:
			params[s.text] = strings.Join(path[i:], "/")
			return params, true
		case s.kind == variable && path[i] != "":
			params[s.text] = path[i]
		case path[i] != s.text:
			return nil, false
		}
	}
	return params, len(path) == len(r.segments)
}

// before reports whether r is more specific than s; both match the request.
func (r *route) before(s *route) bool {
	for i := range min(len(r.segments), len(s.segments)) {
		if a, b := r.segments[i].kind, s.segments[i].kind; a != b {
			return a > b
		}
	}
	if len(r.segments) != len(s.segments) {
		return len(r.segments) > len(s.segments) // $default has none
	}
	return r.Method != "ANY"
}
