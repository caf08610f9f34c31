package mcphttp_test

import (
	"strings"
	"testing"

	"serverless-mcp/internal/mcp/mcphttp"
	"serverless-mcp/internal/test/rpc"
)

// The allowed values of Content-Type and Accept.
func TestNegotiate(t *testing.T) {
	const sendJSON, acceptBoth = "send Content-Type: application/json", "send Accept: application/json, text/event-stream"
	for name, test := range map[string]struct {
		header, value string
		status        int
		message       string
	}{
		"charset":              {"Content-Type", "application/json; charset=utf-8", 200, ""},
		"charset, upper case":  {"Content-Type", `Application/JSON;charset="UTF-8"`, 200, ""},
		"other charset":        {"Content-Type", "application/json; charset=latin1", 415, sendJSON},
		"plain text":           {"Content-Type", "text/plain", 415, sendJSON},
		"similar type":         {"Content-Type", "application/jsonl", 415, sendJSON},
		"form":                 {"Content-Type", "application/x-www-form-urlencoded", 415, sendJSON},
		"none":                 {"Content-Type", "", 415, sendJSON},
		"no Accept":            {"Accept", "", 200, ""},
		"Accept anything":      {"Accept", "*/*", 200, ""},
		"Accept JSON only":     {"Accept", "application/json", 200, ""},
		"Accept with a weight": {"Accept", "text/event-stream, Application/JSON;q=0.5", 200, ""},
		"Accept a group":       {"Accept", "application/*", 200, ""},
		"Accept streams only":  {"Accept", "text/event-stream", 406, acceptBoth},
		"Accept pages":         {"Accept", "text/html", 406, acceptBoth},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHandler()
			want := `{"jsonrpc":"2.0","id":1,"result":{}}`
			if test.message != "" {
				want = rpc.Error("null", "-32600", test.message)
			}
			check(t, post(h, rpc.Ping, test.header, test.value), test.status, want)
		})
	}
}

func TestParse(t *testing.T) {
	const noID, noJSON = "the id is neither a string nor a number", "the message is not valid JSON"
	const noMethod = "the message has no method: this server sends no requests, so it takes no responses"
	const noRPC = `the message is not JSON-RPC: \"jsonrpc\" is not \"2.0\"`
	ok := func(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"result":{}}` }
	withID := func(id string) string { return `{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}` }
	for name, test := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"id number":         {withID("7"), 200, ok("7")},
		"id zero":           {withID("0"), 200, ok("0")},
		"id negative":       {withID("-1"), 200, ok("-1")},
		"id string":         {withID(`"a-1"`), 200, ok(`"a-1"`)},
		"id empty string":   {withID(`""`), 200, ok(`""`)},
		"id above 2^53":     {withID("9007199254740993"), 200, ok("9007199254740993")},
		"id above 2^64":     {withID("123456789012345678901234567890"), 200, ok("123456789012345678901234567890")},
		"id fraction":       {withID("1.50"), 200, ok("1.50")},
		"id exponent":       {withID("1E2"), 200, ok("1E2")},
		"id beyond float64": {withID("1e999"), 400, rpc.Error("null", "-32600", noID)},
		"id null":           {withID("null"), 400, rpc.Error("null", "-32600", noID)},
		"id true":           {withID("true"), 400, rpc.Error("null", "-32600", noID)},
		"id object":         {withID("{}"), 400, rpc.Error("null", "-32600", noID)},
		"id array":          {withID("[1]"), 400, rpc.Error("null", "-32600", noID)},

		"white space":           {"\t{ \"jsonrpc\" : \"2.0\" ,\r\n \"id\" : 7 , \"method\" : \"ping\" , \"params\" : { \"_meta\" : { \"a\" : [ 1 , { \"b\" : [ ] , \"c\" : { } } ] } } } \n", 200, ok("7")},
		"notification":          {`{"jsonrpc":"2.0","method":"notifications/initialized"}`, 202, ""},
		"unknown notification":  {`{"jsonrpc":"2.0","method":"notifications/whatever","params":{"a":1}}`, 202, ""},
		"request without an id": {`{"jsonrpc":"2.0","method":"tools/list"}`, 202, ""},

		"not JSON":          {`{"jsonrpc":`, 400, rpc.Error("null", "-32700", noJSON)},
		"nothing":           {``, 400, rpc.Error("null", "-32700", noJSON)},
		"space":             {" \n", 400, rpc.Error("null", "-32700", noJSON)},
		"two messages":      {rpc.Ping + rpc.Ping, 400, rpc.Error("null", "-32700", noJSON)},
		"not UTF-8":         {withID("\"\xff\""), 400, rpc.Error("null", "-32700", noJSON)},
		"too deep":          {strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), 413, rpc.Error("null", "-32600", "the message is nested deeper than 100 levels")},
		"null":              {`null`, 400, rpc.Error("null", "-32600", "the message is not a JSON object")},
		"number":            {`1`, 400, rpc.Error("null", "-32600", "the message is not a JSON object")},
		"string":            {` "x"`, 400, rpc.Error("null", "-32600", "the message is not a JSON object")},
		"batch":             {"\n[" + rpc.Ping + "]", 400, rpc.Error("null", "-32600", "batches are not supported: protocol version 2025-06-18 removed them; send each message by itself")},
		"empty batch":       {"[]", 400, rpc.Error("null", "-32600", "batches are not supported: protocol version 2025-06-18 removed them; send each message by itself")},
		"no version":        {`{"id":1,"method":"ping"}`, 400, rpc.Error("1", "-32600", noRPC)},
		"version 1.0":       {`{"jsonrpc":"1.0","id":1,"method":"ping"}`, 400, rpc.Error("1", "-32600", noRPC)},
		"version a number":  {`{"jsonrpc":2.0,"id":1,"method":"ping"}`, 400, rpc.Error("1", "-32600", noRPC)},
		"no method":         {`{"jsonrpc":"2.0","id":1}`, 400, rpc.Error("1", "-32600", noMethod)},
		"method a number":   {`{"jsonrpc":"2.0","id":1,"method":5}`, 400, rpc.Error("1", "-32600", noMethod)},
		"response":          {`{"jsonrpc":"2.0","id":1,"result":{}}`, 400, rpc.Error("1", "-32600", noMethod)},
		"error response":    {rpc.Error("1", "-1", "no"), 400, rpc.Error("1", "-32600", noMethod)},
		"unknown method":    {`{"jsonrpc":"2.0","id":1,"method":"tools/destroy"}`, 200, rpc.Error("1", "-32601", "method not found")},
		"params of no type": {`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[]}`, 200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32600,…`},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := newHandler()
			w := post(h, test.body)
			check(t, w, test.status, test.want)
			if w.Code == 202 && w.Body.Len() > 0 {
				t.Errorf("202 with a body: %s", w.Body)
			}
		})
	}
}

func TestMaxBody(t *testing.T) {
	h, _ := newHandler(func(o *mcphttp.Options) { o.MaxBody = int64(len(rpc.Ping)) })
	check(t, post(h, rpc.Ping), 200, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	check(t, post(h, rpc.Ping+" "), 413, rpc.Error("null", "-32600", "the message is larger than 40 bytes"))
}

// By default the limit is what Lambda's payload can hold as base64.
func TestMaxBodyDefault(t *testing.T) {
	h, _ := newHandler()
	check(t, post(h, rpc.Ping+strings.Repeat(" ", mcphttp.DefaultMax-len(rpc.Ping))), 200, `{"jsonrpc":"2.0","id":1,"result":{}}`)
	check(t, post(h, rpc.Ping+strings.Repeat(" ", mcphttp.DefaultMax-len(rpc.Ping)+1)), 413, rpc.Error("null", "-32600", "the message is larger than 4500000 bytes"))
}

func TestCheckSupported(t *testing.T) {
	h, _ := newHandler()
	check(t, post(h, rpc.Ping, "Mcp-Protocol-Version", "1900-01-01"), 400, `{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"unsupported protocol version; supported: 2026-07-28, …`)
	check(t, post(h, `{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen","params":{}}`), 200, `{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"\"subscriptions/listen\" requires protocol version 2026-07-28 or later"}}`)
	body, headers := rpc.Modern("7", "subscriptions/listen", `"notifications":{"toolsListChanged":true}`)
	check(t, post(h, body, headers...), 404, rpc.Error("7", "-32601", "subscriptions/listen is not supported: this server has no change notifications"))
}
