package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const modern = "2026-07-28"

// modernRequest returns a request of 2026-07-28, which has no handshake: version
// and capabilities are in each request.
func modernRequest(method, key string) request {
	return request{
		body: fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":%q,"io.modelcontextprotocol/clientCapabilities":{},"io.modelcontextprotocol/clientInfo":{"name":"mcpctl-doctor","version":"1"}}}}`, method, modern),
		key:  key, header: []string{"Mcp-Protocol-Version", modern, "Mcp-Method", method},
	}
}

// olderRequest returns a request of an older protocol, as clients send it after the
// handshake.
func olderRequest(s *session, body string) request {
	q := request{body: body, key: s.Key, header: []string{"Mcp-Protocol-Version", s.version}}
	if len(s.mcpSessions) > 0 {
		q.header = append(q.header, "Mcp-Session-Id", s.mcpSessions[0])
	}
	return q
}

// modernCheck sends the first request with the key, and records its duration for
// firstResponseCheck.
func modernCheck(ctx context.Context, s *session) Finding {
	r, err := s.send(ctx, modernRequest("server/discover", s.Key))
	if err != nil {
		return s.stopUnresponsive(err)
	}
	s.responded, s.responseTime = true, r.took
	m, isMessage := r.message()
	switch {
	case r.rejected():
		s.noKey = "the key is rejected"
		return s.rejectedFinding(r)
	case isMessage && m.Result != nil && supportsModern(m.Result):
		return ok(fmt.Sprintf("%d ms", r.took.Milliseconds()))
	case r.rootCause() != noRootCause && s.isRootCause(ctx, r):
		return s.stop(r)
	case r.status >= 500:
		return failure("server/discover is answered with "+r.String(), "newer clients: they assume that the server is down, and do not try an older protocol", "Answer an unknown method with the JSON-RPC error -32601. The server's log has the cause of the failure.")
	}
	return warning(r.String(), "nothing today: clients fall back to an older protocol", "Update the server's MCP library when you can.").titled("protocol 2026-07-28 is not supported")
}

// rejectedFinding distinguishes a key that did not arrive (401) from one that is
// not valid (403).
func (s *session) rejectedFinding(r response) Finding {
	if r.status == http.StatusForbidden {
		return failure(r.String(), "every client with this key",
			"The key is unknown there, has expired, or belongs to another stage or server. API Gateway caches authorizer results for some minutes, so a new key may be rejected for that time.").titled("the API key is rejected")
	}
	sent, other := "x-api-key", "as a bearer token: --bearer"
	if s.sendsBearer() {
		sent, other = "Authorization: Bearer", "in x-api-key: without --bearer, and not at /bearer/"
	}
	return failure(r.String()+", as if the key were missing", "every client that sends it in "+sent,
		"The key was sent in "+sent+", which may be the wrong header for this server. Try it "+other+". Otherwise the key is unknown there.").titled("the API key is rejected")
}

// supportsModern reports whether a result of server/discover lists 2026-07-28. If
// it has no list in the specified place, any mention of the version counts.
func supportsModern(result json.RawMessage) bool {
	var discovered struct {
		SupportedVersions []string `json:"supportedVersions"`
	}
	if json.Unmarshal(result, &discovered) == nil && discovered.SupportedVersions != nil {
		return slices.Contains(discovered.SupportedVersions, modern)
	}
	return strings.Contains(string(result), modern)
}

// olderCheck sends initialize in each older version, and tools/list in the newest
// of them.
func olderCheck(ctx context.Context, s *session) Finding {
	const breaks = "every client: it looks connected and has no tools"
	s.noList = "the older protocols do not work"
	missing, bad := s.initializeAll(ctx)
	if bad != nil {
		return *bad
	}
	r, err := s.send(ctx, olderRequest(s, listTools))
	if err != nil {
		return s.noResponse(err, breaks)
	}
	if m, isMessage := r.message(); !isMessage || m.Result == nil || r.status != http.StatusOK {
		return failure("after initialize, tools/list is answered with "+r.String(), breaks,
			"If the server keeps sessions in the memory of one instance, other instances do not know them: serve without sessions. Otherwise the server's log has the reason.")
	}
	s.noList = ""
	if missing != nil {
		return warning(strings.Join(missing, ", ")+" is not supported", "clients that support nothing newer", "Update the server's MCP library; most support all versions.").titled("an older protocol is missing")
	}
	return ok("")
}

// initializeAll sends initialize in each older protocol version. It returns the
// unsupported versions, or a finding if initialize fails.
func (s *session) initializeAll(ctx context.Context) (unsupported []string, failed *Finding) {
	const breaks = "most clients of today"
	for _, version := range []string{"2025-11-25", "2025-06-18", "2025-03-26"} {
		r, err := s.send(ctx, request{body: strings.Replace(initialize, "2025-11-25", version, 1), key: s.Key})
		if err != nil {
			f := s.noResponse(err, breaks)
			return nil, &f
		}
		m, isMessage := r.message()
		var result struct{ ProtocolVersion string }
		if !isMessage || m.Result == nil || json.Unmarshal(m.Result, &result) != nil {
			f := failure("initialize is answered with "+r.String(), breaks, "Support the older protocols too. If the server should, its log has the cause of the failure.")
			return nil, &f
		}
		if result.ProtocolVersion != version {
			unsupported = append(unsupported, version)
		}
		if version == "2025-11-25" {
			s.version = result.ProtocolVersion
		}
		s.initialized(ctx, r.header.Get("Mcp-Session-Id"), result.ProtocolVersion)
	}
	return unsupported, nil
}

// initialized records the ID of a new MCP session and sends the notification that a server
// with sessions waits for.
func (s *session) initialized(ctx context.Context, id, version string) {
	if id == "" {
		return
	}
	s.mcpSessions = append(s.mcpSessions, id)
	// The response does not matter: the next request shows whether it worked.
	s.send(ctx, request{
		body: `{"jsonrpc":"2.0","method":"notifications/initialized"}`, key: s.Key,
		header: []string{"Mcp-Protocol-Version", version, "Mcp-Session-Id", id},
	})
}

// close deletes the MCP sessions of the run. A session that cannot be deleted expires.
func (s *session) close(ctx context.Context) {
	for _, id := range s.mcpSessions {
		if s.unmet(needKey) != "" {
			return
		}
		s.send(ctx, request{method: http.MethodDelete, key: s.Key, header: []string{"Mcp-Session-Id", id}})
	}
}
