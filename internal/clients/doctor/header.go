package doctor

import (
	"context"
	"fmt"
	"net/http"
)

func acceptCheck(ctx context.Context, x *exam) Finding {
	for _, accept := range []string{"application/json", "*/*", ""} {
		q := olderRequest(x, listTools)
		q.header = append(q.header, "Accept", accept)
		r, err := x.send(ctx, q)
		if err != nil {
			return x.unanswered(err, fmt.Sprintf("clients that send Accept: %q", accept))
		}
		if r.status != http.StatusOK {
			return warning(fmt.Sprintf("with Accept: %q it answered %s", accept, r), "scripts and simple clients, which send no more than that", "Answer with JSON whatever Accept says.")
		}
	}
	return ok("")
}

func sessionCheck(ctx context.Context, x *exam) Finding {
	q := request{body: listTools, key: x.Key, header: []string{"Mcp-Protocol-Version", x.version, "Mcp-Session-Id", "00000000-0000-4000-8000-000000000000"}}
	r, err := x.send(ctx, q)
	switch {
	case err != nil:
		return x.unanswered(err, "clients that come back with a session after a deployment")
	case r.status == http.StatusOK:
		return ok("")
	case len(x.sessions) > 0 && r.status == http.StatusNotFound:
		// As the specification has it, for servers that have sessions: the
		// client begins a new one.
		return ok("it has sessions, and says 404 to one that it does not know")
	}
	return warning("a session that the server does not know is answered with "+r.String(),
		"Claude Code and others, which do not start again: their tools fail until they are restarted", "Serve without sessions, or tell the user to restart the client after each deployment.")
}

func originCheck(ctx context.Context, x *exam) Finding {
	q := olderRequest(x, listTools)
	q.header = append(q.header, "Origin", "https://mcpctl-doctor.invalid")
	r, err := x.send(ctx, q)
	switch {
	case err != nil:
		return x.unanswered(err, "clients in browsers")
	case r.status == http.StatusOK:
		return warning("a request with a foreign Origin was answered", "nothing; but a web page could use a key that it got hold of, and reach servers on this machine (the specification says MUST check)",
			"Refuse origins that are not on a list, with 403.")
	case r.status >= 500:
		return failure(r.String(), "clients in browsers", "The server's log says why.")
	}
	return ok(r.String())
}
