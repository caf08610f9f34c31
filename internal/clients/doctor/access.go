package doctor

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"serverless-mcp/internal/keys/apikey"
)

// Requests of the older era that every server understands, and that change
// nothing.
const (
	listTools  = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"mcpctl-doctor","version":"1"}}}`
)

// first are the requests that a client begins with, in both eras, without a key.
func first() []struct {
	name string
	request
} {
	return []struct {
		name string
		request
	}{
		{"initialize", request{body: initialize}},
		{"tools/list", request{body: listTools}},
		{"server/discover", modernRequest("server/discover", "")},
		{"tools/list of 2026-07-28", modernRequest("tools/list", "")},
	}
}

// noKeyCheck asks for everything that a client asks for first: where only some
// of it needs the key, a client without one looks connected and is not.
func noKeyCheck(ctx context.Context, x *exam) Finding {
	var open []string
	worst := ok("401")
	for _, q := range first() {
		r, err := x.send(ctx, q.request)
		switch {
		case err != nil:
			return x.silent(err)
		case r.trouble() != noTrouble:
			if r.trouble() != failing || x.everywhere(ctx, r) {
				return x.stop(r)
			}
			return failure(r.String()+" to "+q.name+" without a key", "clients whose key did not arrive: they are not told so", "Answer a missing key with 401. The server's log says why it failed.")
		case r.opened():
			open = append(open, q.name)
		case r.status != http.StatusUnauthorized && worst.Status == OK:
			worst = mildFinding(r, "401")
		}
	}
	x.open = slices.Contains(open, "tools/list")
	if open != nil {
		return openFinding(strings.Join(open, ", ") + " without a key")
	}
	return worst
}

// silent is where the server, which was reached before, does not answer at all.
func (x *exam) silent(err error) Finding {
	x.over = "the server does not answer"
	return x.unanswered(err, "every client")
}

// mildFinding is about an answer that lets nobody in, with another status than
// the one that says so.
func mildFinding(r reply, want string) Finding {
	if r.status == http.StatusForbidden {
		return warning("answered 403, where 401 says that the key is missing", "VS Code and others cannot tell a missing key from a wrong one",
			"Answer a missing key with 401. API Gateway does so by itself where the authorizer's identity source is the key's header.")
	}
	return warning(r.String()+", want "+want, "clients cannot tell that the key is the trouble", "Look at the key before anything else, and answer with "+want+".")
}

func openFinding(what string) Finding {
	return failure("it answered "+what, "nothing, and that is the trouble: everybody can use it", "Put every method behind the key, initialize and server/discover too.")
}

// wrongKey has our form and a wrong checksum. A server of ours refuses it at
// once; one that could be right would make it read its keyring again, which it
// does only every so often, and answer with 500 until then.
func wrongKey() string {
	key := "mcp_doctor_" + strings.Repeat("0", 43) + "000000"
	if apikey.CheckFormat(key) == nil {
		panic("it is a key after all")
	}
	return key
}

func wrongKeyCheck(ctx context.Context, x *exam) Finding {
	if x.open {
		return Finding{Status: Skipped, Detail: "it opens without any key"}
	}
	r, err := x.send(ctx, request{body: listTools, key: wrongKey()})
	switch {
	case err != nil:
		return x.silent(err)
	case r.refused():
		return ok(r.String())
	case r.trouble() != noTrouble && x.everywhere(ctx, r):
		return x.stop(r)
	case r.status >= 500:
		return failure(r.String()+" with a wrong key", "clients with a wrong key: they are not told so", "The server cannot decide about keys that it does not know: the log of its authorizer says why.")
	case r.opened():
		return openFinding("tools/list with a wrong key")
	}
	return mildFinding(r, "401 or 403")
}
