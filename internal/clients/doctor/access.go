package doctor

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// Requests of the older protocols that every server supports and that change
// nothing.
const (
	listTools  = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"mcpctl-doctor","version":"1"}}}`
)

// namedRequest is a request with a name for findings.
type namedRequest struct {
	name string
	request
}

// firstRequests returns the requests that clients send first, in both protocol
// eras, without a key.
func firstRequests() []namedRequest {
	return []namedRequest{
		{"initialize", request{body: initialize}},
		{"tools/list", request{body: listTools}},
		{"server/discover", modernRequest("server/discover", "")},
		{"tools/list of 2026-07-28", modernRequest("tools/list", "")},
	}
}

// noKeyCheck tries every first request, because a client without a key looks
// connected if only some of them require a key.
func noKeyCheck(ctx context.Context, s *session) Finding {
	var accepted []string
	worst := ok("401")
	for _, q := range firstRequests() {
		r, err := s.send(ctx, q.request)
		switch {
		case err != nil:
			return s.stopUnresponsive(err)
		case r.rootCause() != noRootCause:
			if r.rootCause() != serverFails || s.isRootCause(ctx, r) {
				return s.stop(r)
			}
			return failure(q.name+" is answered with "+r.String(), "clients whose key did not arrive: the status does not show the reason", "Answer a missing key with 401. The server's log has the cause of the failure.").titled("requests without a key fail")
		case r.accepted():
			accepted = append(accepted, q.name)
		case r.status != http.StatusUnauthorized && worst.Status == OK:
			worst = wrongStatusFinding(r, "401").titled("requests without a key are rejected with another status than 401")
		}
	}
	s.open = slices.Contains(accepted, "tools/list")
	if accepted != nil {
		return acceptedFinding(strings.Join(accepted, ", ")).titled("requests without a key are accepted")
	}
	return worst
}

// stopUnresponsive ends the run because the server, which has responded before, does not
// respond any more.
func (s *session) stopUnresponsive(err error) Finding {
	s.rootCause = "the server does not respond"
	return s.noResponse(err, "every client")
}

// wrongStatusFinding returns the finding for a response that rejects the caller with
// an unexpected status.
func wrongStatusFinding(r response, want string) Finding {
	if r.status == http.StatusForbidden {
		return warning("403 instead of 401", "VS Code and others: they cannot distinguish a missing key from a wrong one",
			"Answer a missing key with 401. API Gateway does so if the authorizer's identity source is the key's header.")
	}
	return warning(r.String()+", want "+want, "clients: they cannot recognize that the key is the problem", "Check the key before anything else, and answer with "+want+".")
}

func acceptedFinding(what string) Finding {
	return failure(what, "no client; but anyone can use the server", "Require the key for every method, including initialize and server/discover.")
}

// wrongKey returns a key in this project's format with a wrong checksum. A server of this
// project rejects it at once; a key with a right checksum would make the authorizer read
// the secrets again, which it does only every few seconds.
func wrongKey() string {
	key := "mcp_doctor_" + strings.Repeat("0", 43) + "000000"
	if apikey.CheckFormat(key) == nil {
		panic("the checksum of the wrong key is right")
	}
	return key
}

func wrongKeyCheck(ctx context.Context, s *session) Finding {
	if s.open {
		return skipped("the server accepts requests without a key")
	}
	r, err := s.send(ctx, request{body: listTools, key: wrongKey()})
	switch {
	case err != nil:
		return s.stopUnresponsive(err)
	case r.rejected():
		return ok(r.String())
	case r.rootCause() != noRootCause && s.isRootCause(ctx, r):
		return s.stop(r)
	case r.status >= 500:
		return failure(r.String(), "clients with a wrong key: the status does not show the reason", "The server cannot decide about unknown keys; the log of its authorizer has the reason.").titled("requests with a wrong key fail")
	case r.accepted():
		return acceptedFinding("tools/list").titled("requests with a wrong key are accepted")
	}
	return wrongStatusFinding(r, "401 or 403").titled("requests with a wrong key are rejected with another status than 401 or 403")
}
