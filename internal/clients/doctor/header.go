package doctor

import (
	"context"
	"fmt"
	"net/http"
)

func acceptCheck(ctx context.Context, s *session) Finding {
	for _, accept := range []string{"application/json", "*/*", ""} {
		q := olderRequest(s, listTools)
		q.header = append(q.header, "Accept", accept)
		r, err := s.send(ctx, q)
		if err != nil {
			return s.noResponse(err, fmt.Sprintf("clients that send Accept: %q", accept))
		}
		if r.status != http.StatusOK {
			return warning(fmt.Sprintf("Accept: %q is answered with %s", accept, r), "scripts and simple clients, which accept only JSON", "Answer with JSON whatever Accept lists.")
		}
	}
	return ok("")
}

// sessionCheck sends a session ID that the server cannot know, as a client does
// after a deployment.
func sessionCheck(ctx context.Context, s *session) Finding {
	q := request{body: listTools, key: s.Key, header: []string{"Mcp-Protocol-Version", s.version, "Mcp-Session-Id", "00000000-0000-4000-8000-000000000000"}}
	r, err := s.send(ctx, q)
	switch {
	case err != nil:
		return s.noResponse(err, "clients that continue their session after a deployment")
	case r.status == http.StatusOK:
		return ok("")
	case len(s.mcpSessions) > 0 && r.status == http.StatusNotFound:
		// The specification requires 404 of servers with sessions; the client then
		// starts a new one.
		return ok("the server has sessions and answers an unknown one with 404")
	}
	return warning("it is answered with "+r.String(),
		"Claude Code and others, which do not start a new session: their tools fail until they are restarted", "Serve without sessions, or ask users to restart their client after each deployment.")
}

func originCheck(ctx context.Context, s *session) Finding {
	q := olderRequest(s, listTools)
	q.header = append(q.header, "Origin", "https://mcpctl-doctor.invalid")
	r, err := s.send(ctx, q)
	switch {
	case err != nil:
		return s.noResponse(err, "clients in browsers")
	case r.status == http.StatusOK:
		return warning("a request with an Origin of another site is accepted", "no client; but a web page that has a key can use the server, and can reach servers on this machine (the MCP specification requires the check)",
			"Reject origins that are not in a list, with 403.")
	case r.status >= 500:
		return failure(r.String(), "clients in browsers", "The server's log has the reason.").titled("requests from other origins fail")
	}
	return ok(r.String())
}
