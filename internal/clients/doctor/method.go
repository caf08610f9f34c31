package doctor

import (
	"context"
	"net/http"
	"strings"
)

func getCheck(ctx context.Context, x *exam) Finding {
	r, err := x.send(ctx, request{method: http.MethodGet, key: x.Key, header: []string{"Accept", "text/event-stream"}})
	if err != nil {
		return x.unanswered(err, "clients that open a stream first, and wait for it")
	}
	const advice = "Answer GET with 405 and Allow: POST."
	switch {
	case r.status == http.StatusOK && isStream(r.header):
		return warning("200 and a stream", "nothing while the stream stays open; each time it ends, clients reconnect", "Behind a limit on time, such as API Gateway's, answer with 405 instead.")
	case r.status == http.StatusOK:
		return failure("200", "clients take it for a stream that ended, and reconnect for ever", advice)
	case r.status == http.StatusBadRequest:
		return failure("400", "Cursor asks again and again", advice)
	case r.status == http.StatusNotFound:
		return failure("404", "clients of the TypeScript SDK end the connection", advice)
	}
	return notAllowed(r, advice)
}

func deleteCheck(ctx context.Context, x *exam) Finding {
	r, err := x.send(ctx, request{method: http.MethodDelete, key: x.Key, header: []string{"Mcp-Session-Id", "mcpctl-doctor"}})
	if err != nil {
		return x.unanswered(err, "clients that end their session")
	}
	if len(x.sessions) > 0 && r.status != http.StatusMethodNotAllowed && r.status < 500 {
		return ok("it has sessions, and says " + r.String() + " to one that it does not know")
	}
	const advice = "Answer DELETE with 405 and Allow: POST."
	if r.status < 300 {
		return warning(r.String()+", and there is no session to end", "nothing that is known; clients believe that they ended something", advice)
	}
	return notAllowed(r, advice)
}

func notAllowed(r reply, advice string) Finding {
	switch {
	case r.status != http.StatusMethodNotAllowed:
		return failure(r.String(), "clients that try it do not know what to make of that", advice)
	case !strings.Contains(r.header.Get("Allow"), http.MethodPost):
		return warning("405 without Allow: POST", "nothing that is known; RFC 9110 asks for it", advice)
	}
	return ok("")
}

func unknownMethodCheck(ctx context.Context, x *exam) Finding {
	r, err := x.send(ctx, olderRequest(x, `{"jsonrpc":"2.0","id":1,"method":"mcpctl/doctor","params":{}}`))
	if err != nil {
		return x.unanswered(err, "clients that are newer than the server")
	}
	const breaks = "clients that are newer than the server: they try, and need to be told no"
	m, isMessage := r.message()
	switch {
	case !isMessage:
		return failure("no JSON-RPC came back: "+r.String(), breaks, "Answer with the JSON-RPC error -32601.")
	case m.Error == nil:
		return failure("it was answered as if it existed", breaks, "Answer with the JSON-RPC error -32601.")
	case m.Error.Code != -32601:
		return warning(r.String(), breaks, "The code for it is -32601.")
	}
	return ok("-32601")
}

func slashCheck(ctx context.Context, x *exam) Finding {
	other, slashless := strings.CutSuffix(x.URL, "/")
	if !slashless {
		other = x.URL + "/"
	}
	q := olderRequest(x, listTools)
	q.url = other
	r, err := x.send(ctx, q)
	switch {
	case err != nil:
		return x.unanswered(err, "clients and people who write the address so")
	case r.status >= 300 && r.status < 400:
		return failure(r.String()+" from "+other, "clients that write the address so: the key does not follow the redirect", "Serve both spellings, without a redirect.")
	case r.status != http.StatusOK:
		return warning(other+" is answered with "+r.String(), "clients and people who write the address so", "Serve both spellings.")
	}
	return ok("")
}
