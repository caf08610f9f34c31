package doctor

import (
	"context"
	"net/http"
	"strings"

	"serverless-mcp/internal/apikey"
)

// Requests of the older era that every server understands, and that change
// nothing.
const (
	listTools  = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`
	initialize = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"mcpctl-doctor","version":"1"}}}`
)

// noKeyCheck asks for everything that a client asks for first: where only some
// of it needs the key, a client without one looks connected and is not.
func noKeyCheck(ctx context.Context, x *exam) Finding {
	for _, body := range []string{initialize, listTools} {
		r, err := x.send(ctx, request{body: body})
		if err != nil {
			return failure(err.Error(), "every client", "")
		}
		if f := strangerFinding(r, "without a key"); f.Status != OK {
			return f
		}
		if r.status == http.StatusForbidden {
			return warning("answered 403, where 401 says that the key is missing", "VS Code and others cannot tell a missing key from a wrong one", "")
		}
	}
	return ok("401")
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
	wrong := wrongKey()
	r, err := x.send(ctx, request{body: listTools, key: wrong})
	if err != nil {
		return failure(err.Error(), "every client", "")
	}
	f := strangerFinding(r, "with a wrong key")
	if f.Status == OK {
		f.Detail = r.String()
	}
	return f
}

// strangerFinding judges what somebody is told who must not come in.
func strangerFinding(r reply, how string) Finding {
	switch {
	case r.refused():
		return ok("")
	case r.status == http.StatusNotFound:
		return failure("404 Not Found", "every client", "Is the path right? The endpoint ends in /mcp.")
	case r.status == http.StatusTooManyRequests:
		return warning("429 Too Many Requests", "every client, while it lasts", "The server is throttled for all its callers together: wait, or raise THROTTLE_RATE and deploy.")
	case r.status >= 500:
		return failure(r.String()+" "+how, "every client", "The server cannot decide about keys: the log of its authorizer says why.")
	case r.status >= 300 && r.status < 400:
		return failure(r.String()+", to "+r.header.Get("Location"), "clients do not send the key along a redirect", "Use the address that it points to.")
	case r.status < 300:
		return failure("it answered "+how, "none, and that is the trouble: it is open to everybody", "Put every method behind the key, initialize too.")
	}
	return warning(r.String()+", want 401 or 403", "clients cannot tell that the key is the trouble", "")
}
