package doctor

import (
	"context"
	"net/http"
	"strings"
)

func getCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, request{method: http.MethodGet, key: s.Key, header: []string{"Accept", "text/event-stream"}})
	if err != nil {
		return s.noResponse(err, "clients that open a stream first and wait for it")
	}
	const advice = "Answer GET with 405 and Allow: POST."
	switch {
	case r.status == http.StatusOK && isStream(r.header):
		return warning("200 and a stream", "no client while the stream stays open; each time it ends, clients reconnect", "Behind a time limit, such as API Gateway's, answer with 405 instead.")
	case r.status == http.StatusOK:
		return failure("200", "clients: they treat the response as a stream that ended, and reconnect forever", advice)
	case r.status == http.StatusBadRequest:
		return failure("400", "Cursor: it repeats the request again and again", advice)
	case r.status == http.StatusNotFound:
		return failure("404", "clients of the TypeScript SDK: they close the connection", advice)
	}
	return methodFinding(r, advice)
}

func deleteCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, request{method: http.MethodDelete, key: s.Key, header: []string{"Mcp-Session-Id", "mcpctl-doctor"}})
	if err != nil {
		return s.noResponse(err, "clients that end their session")
	}
	if len(s.mcpSessions) > 0 && r.status != http.StatusMethodNotAllowed && r.status < 500 {
		return ok("the server has sessions and answers an unknown one with " + r.String()).titled("DELETE ends a session")
	}
	const advice = "Answer DELETE with 405 and Allow: POST."
	if r.status < 300 {
		return warning(r.String()+", although the server has no sessions", "no known client; clients assume that a session ended", advice)
	}
	return methodFinding(r, advice)
}

// methodFinding returns the finding for the response to a method that the endpoint does not
// allow.
func methodFinding(r response, advice string) Finding {
	switch {
	case r.status != http.StatusMethodNotAllowed:
		return failure(r.String(), "clients that try the method: they do not expect that status", advice)
	case !strings.Contains(r.header.Get("Allow"), http.MethodPost):
		return warning("405 without Allow: POST", "no known client; RFC 9110 requires the header", advice)
	}
	return ok("")
}

func unknownMethodCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, olderRequest(s, `{"jsonrpc":"2.0","id":1,"method":"mcpctl/doctor","params":{}}`))
	if err != nil {
		return s.noResponse(err, "clients that are newer than the server")
	}
	const breaks = "clients that are newer than the server: they try a method and need a clear rejection"
	const advice = "Answer with the JSON-RPC error -32601."
	m, isMessage := r.message()
	switch {
	case !isMessage:
		return failure("the response is not JSON-RPC: "+r.String(), breaks, advice)
	case m.Error == nil:
		return failure("the response has a result", breaks, advice)
	case m.Error.Code != -32601:
		return warning(r.String(), breaks, advice)
	}
	return ok("-32601")
}

// slashCheck requests the endpoint with a trailing slash if the URL has none, and otherwise
// without one.
func slashCheck(ctx context.Context, s *session) Finding {
	other, hadSlash := strings.CutSuffix(s.URL, "/")
	if !hadSlash {
		other = s.URL + "/"
	}
	q := olderRequest(s, listTools)
	q.url = other
	const breaks = "clients and people who write the URL that way"
	r, err := s.send(ctx, q)
	switch {
	case err != nil:
		return s.noResponse(err, breaks)
	case r.status >= 300 && r.status < 400:
		return failure(other+" is answered with "+r.String(), breaks+": the key is not sent along the redirect", "Serve both spellings without a redirect.")
	case r.status != http.StatusOK:
		return warning(other+" is answered with "+r.String(), breaks, "Serve both spellings.")
	}
	return ok("")
}
