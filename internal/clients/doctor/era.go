package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

const modern = "2026-07-28"

// modernRequest is a request of 2026-07-28, which has no handshake: version
// and capabilities come with each request.
func modernRequest(method, key string) request {
	return request{
		body: fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcpctl-doctor","version":"1"}}}}`, method, modern),
		key:  key, header: []string{"Mcp-Protocol-Version", modern, "Mcp-Method", method},
	}
}

// olderRequest is a request of an era with a handshake, after it.
func olderRequest(x *exam, body string) request {
	q := request{body: body, key: x.Key, header: []string{"Mcp-Protocol-Version", x.version}}
	if len(x.sessions) > 0 {
		q.header = append(q.header, "Mcp-Session-Id", x.sessions[0])
	}
	return q
}

// modernCheck makes the first request with the key, whose time counts.
func modernCheck(ctx context.Context, x *exam) Finding {
	r, err := x.send(ctx, modernRequest("server/discover", x.Key))
	if err != nil {
		return x.silent(err)
	}
	x.answered, x.first = true, r.took
	m, isMessage := r.message()
	switch {
	case r.refused():
		x.noKey = "the key is refused"
		return x.refusedFinding(r)
	case isMessage && m.Result != nil && speaks(m.Result):
		return ok(fmt.Sprintf("%d ms", r.took.Milliseconds()))
	case r.trouble() != noTrouble && x.everywhere(ctx, r):
		return x.stop(r)
	case r.status >= 500:
		return failure("server/discover is answered with "+r.String(), "newer clients: they take the server for broken, and do not try an older protocol", "Answer a method that is not known with the JSON-RPC error -32601. The server's log says why it failed.")
	}
	return warning("it does not speak it: "+r.String(), "nothing yet: clients fall back to an older protocol", "Update the server, or the library that it is made with, when you can.")
}

// refusedFinding tells a key that was not seen, 401, from one that was, 403.
func (x *exam) refusedFinding(r reply) Finding {
	detail := "the key is refused: " + r.String()
	if r.status == http.StatusForbidden {
		return failure(detail, "every client with this key", "It is not known there, has expired, or belongs to another stage or server. Verdicts are kept for some minutes, so a new key may need a wait.")
	}
	sent, other := "x-api-key", "as a bearer token: --bearer"
	if x.sendsBearer() {
		sent, other = "Authorization: Bearer", "in x-api-key: without --bearer, and not at /bearer/"
	}
	return failure(detail+", as if none had been sent", "every client that sends it in "+sent,
		"It was sent in "+sent+", which may be the wrong header for this server. Try it "+other+". If that is not it, the key is not known there.")
}

func speaks(discovered json.RawMessage) bool {
	return strings.Contains(string(discovered), modern)
}

func olderCheck(ctx context.Context, x *exam) Finding {
	x.noList = "tools/list does not work there in an older protocol, and is what they compare with"
	missing, f := x.greet(ctx)
	if f != nil {
		return *f
	}
	r, err := x.send(ctx, olderRequest(x, listTools))
	if err != nil {
		return x.unanswered(err, "every client: it looks connected and has no tools")
	}
	if m, isMessage := r.message(); !isMessage || m.Result == nil || r.status != http.StatusOK {
		return failure("after initialize, tools/list is answered with "+r.String(), "every client: it looks connected and has no tools",
			"Where sessions are kept in the memory of one instance, the next instance does not know them: serve without sessions. Otherwise the server's log says why.")
	}
	x.noList = ""
	if missing != nil {
		return warning("it does not speak "+strings.Join(missing, ", "), "clients that speak nothing newer", "Update the library that the server is made with; most speak all of them.")
	}
	return ok("")
}

// greet shakes hands in each older version. Those that the server does not
// speak are missing; a finding is why no hand was given.
func (x *exam) greet(ctx context.Context) (missing []string, bad *Finding) {
	for _, version := range []string{"2025-11-25", "2025-06-18", "2025-03-26"} {
		r, err := x.send(ctx, request{body: strings.Replace(initialize, "2025-11-25", version, 1), key: x.Key})
		if err != nil {
			f := x.unanswered(err, "most clients of today")
			return nil, &f
		}
		m, isMessage := r.message()
		var hello struct{ ProtocolVersion string }
		if !isMessage || m.Result == nil || json.Unmarshal(m.Result, &hello) != nil {
			f := failure("initialize is answered with "+r.String(), "most clients of today", "Serve the older protocols too. If the server should, its log says why it does not.")
			return nil, &f
		}
		if hello.ProtocolVersion != version {
			missing = append(missing, version)
		}
		if version == "2025-11-25" {
			x.version = hello.ProtocolVersion
		}
		x.begin(ctx, r.header.Get("Mcp-Session-Id"), hello.ProtocolVersion)
	}
	return missing, nil
}

// begin remembers a session, and says what a server waits for before it
// answers anything in one.
func (x *exam) begin(ctx context.Context, session, version string) {
	if session == "" {
		return
	}
	x.sessions = append(x.sessions, session)
	// What comes back is not looked at: the next request shows whether it worked.
	x.send(ctx, request{
		body: `{"jsonrpc":"2.0","method":"notifications/initialized"}`, key: x.Key,
		header: []string{"Mcp-Protocol-Version", version, "Mcp-Session-Id", session},
	})
}

// leave ends the sessions that the examination began. One that cannot be ended
// runs out by itself.
func (x *exam) leave(ctx context.Context) {
	for _, session := range x.sessions {
		if x.missing(theKey) != "" {
			return
		}
		x.send(ctx, request{method: http.MethodDelete, key: x.Key, header: []string{"Mcp-Session-Id", session}})
	}
}
