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
func modernRequest(x *exam, method string) request {
	return request{
		body: fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcpctl-doctor","version":"1"}}}}`, method, modern),
		key:  x.Key, header: []string{"Mcp-Protocol-Version", modern, "Mcp-Method", method},
	}
}

// olderRequest is a request of an era with a handshake, after it.
func olderRequest(x *exam, body string) request {
	q := request{body: body, key: x.Key, header: []string{"Mcp-Protocol-Version", "2025-11-25"}}
	if x.session != "" {
		q.header = append(q.header, "Mcp-Session-Id", x.session)
	}
	return q
}

// modernCheck makes the first request with the key, whose time counts.
func modernCheck(ctx context.Context, x *exam) Finding {
	r, err := x.send(ctx, modernRequest(x, "server/discover"))
	if err != nil {
		x.noKey = "nothing came back: " + err.Error()
		return failure(err.Error(), "every client", "A function that takes longer than 29 s answers nobody: its log says what it waits for.")
	}
	x.answered, x.first = true, r.took
	m, isMessage := r.message()
	switch {
	case r.refused():
		x.noKey = "the key is refused"
		return failure("the key is refused: "+r.String(), "every client", "It is not known there, has expired, or belongs to another stage. Verdicts are kept for some minutes, so a new key may need a wait.")
	case r.status >= 500:
		return failure(r.String(), "every client", "The server failed: its log says why.")
	case isMessage && m.Result != nil && speaks(m.Result):
		return ok(fmt.Sprintf("%d ms", r.took.Milliseconds()))
	}
	return warning("it does not speak it: "+r.String(), "none yet: clients fall back to an older protocol", "Update the server when you can.")
}

func speaks(discovered json.RawMessage) bool {
	return strings.Contains(string(discovered), modern)
}

func olderCheck(ctx context.Context, x *exam) Finding {
	x.noList = "an older protocol does not work"
	var missing []string
	for _, version := range []string{"2025-11-25", "2025-06-18", "2025-03-26"} {
		r, err := x.send(ctx, request{body: strings.Replace(initialize, "2025-11-25", version, 1), key: x.Key})
		if err != nil {
			return failure(err.Error(), "every client", "")
		}
		if x.first == 0 {
			x.answered, x.first = true, r.took
		}
		m, isMessage := r.message()
		var hello struct{ ProtocolVersion string }
		if !isMessage || m.Result == nil || json.Unmarshal(m.Result, &hello) != nil {
			return failure("initialize is answered with "+r.String(), "most clients of today", "The server's log says why.")
		}
		if hello.ProtocolVersion != version {
			missing = append(missing, version)
		}
		x.session = r.header.Get("Mcp-Session-Id")
	}
	r, err := x.send(ctx, olderRequest(x, listTools))
	if err != nil {
		return failure(err.Error(), "every client", "")
	}
	m, isMessage := r.message()
	if isMessage && m.Result != nil && r.status == http.StatusOK {
		x.noList = ""
	}
	switch {
	case x.noList != "":
		return failure("after initialize, tools/list is answered with "+r.String(), "every client: it looks connected and has no tools",
			"Where sessions are kept in the memory of one instance, the next instance does not know them: serve without sessions.")
	case missing != nil:
		return warning("it does not speak "+strings.Join(missing, ", "), "clients that speak nothing newer", "")
	}
	return ok("")
}
