package hostile

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"serverless-mcp/internal/test/rpc"
)

// attack is a request or connection that costs the server more than the client.
type attack struct {
	clients int
	run     func(ctx context.Context, url string) (status int)
}

// attacks returns all attacks. They use a key without tools, or no key.
func attacks() map[string]attack {
	const megabyte = 1<<20 - 1000
	post := func(body string, headers ...string) func(context.Context, string) int {
		return func(ctx context.Context, url string) int {
			status, _, _ := do(ctx, "POST", url, strings.NewReader(body), headers...)
			return status
		}
	}
	fill := func(format string) string {
		return fmt.Sprintf(format, strings.Repeat("x", megabyte-len(format)))
	}
	list := func(item string) string {
		return strings.TrimSuffix(strings.Repeat(item+",", megabyte/(len(item)+1)), ",")
	}
	call := func(arguments string) string { return rpc.Call("1", "calculate", arguments) }
	modern, headers := rpc.Modern("1", "tools/list", "")
	return map[string]attack{
		"many small objects":    {4, post(call(`{"a":[` + list(`{"":0}`) + `]}`))},
		"within the values":     {4, post(call(`{"a":[` + strings.TrimSuffix(strings.Repeat(`{"":0},`, 33_000), ",") + `]}`))},
		"large text":            {4, post(call(fill(`{"text":"%s"}`)))},
		"escaped text":          {2, post(call(`{"text":"` + strings.Repeat(`\u0041`, megabyte/6) + `"}`))},
		"large URI":             {2, post(fill(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"%s"}}`))},
		"URI at the limit":      {2, post(`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"` + strings.Repeat("/", 4000) + `"}}`)},
		"large prompt":          {2, post(fill(`{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"x","arguments":{"a":"%s"}}}`))},
		"large unknown member":  {2, post(fill(`{"jsonrpc":"2.0","id":1,"method":"ping","other":"%s"}`))},
		"large id":              {1, post(fill(`{"jsonrpc":"2.0","method":"ping","id":"%s"}`))},
		"deep":                  {2, post(strings.Repeat(`{"a":`, 150_000))},
		"many members":          {2, post(`{"params":{` + list(`"a":1`) + `}}`)},
		"not JSON":              {1, post(strings.Repeat("x", megabyte))},
		"over the limit":        {1, post(strings.Repeat("x", 2<<20))},
		"initialize":            {4, post(strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":{"experimental":{"x":{"y":"`+strings.Repeat("x", 60_000)+`"}}}`, 1))},
		"large initialize":      {1, post(strings.Replace(rpc.Initialize, `"capabilities":{}`, `"capabilities":{"experimental":{"x":{"y":"`+strings.Repeat("x", megabyte-500)+`"}}}`, 1))},
		"small requests":        {6, post(rpc.Ping)},
		"small modern requests": {2, post(modern, headers...)},
		"calls":                 {4, post(call(`{}`))},
		"wrong keys":            {2, wrongKey},
		"no key":                {2, post(rpc.Ping, "X-Api-Key", "")},
		"bad path": {1, func(ctx context.Context, url string) int {
			status, _, _ := do(ctx, "GET", url+"/x", nil)
			return status
		}},
		"large header": {1, post(rpc.Ping, "Mcp-Name", strings.Repeat("x", 9000))},
		"chunked": {4, func(ctx context.Context, url string) int {
			status, _, _ := do(ctx, "POST", url, io.MultiReader(strings.NewReader(call(fill(`{"text":"%s"}`)))))
			return status
		}},
		"sessions with streams": {20, sessionStream},
		"slow body": {20, func(ctx context.Context, url string) int {
			return rawConnection(ctx, url, "POST /mcp HTTP/1.1\r\nHost: x\r\nX-Api-Key: "+hostileKey+"\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{")
		}},
		"slow headers": {20, func(ctx context.Context, url string) int {
			return rawConnection(ctx, url, "POST /mcp HTTP/1.1\r\nHost: x\r\n")
		}},
		"idle connections": {4, connections("", 350)}, // with those of other attacks, more than the server allows
		"missing bodies":   {4, connections("POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n", 100)},
		"half a response":  {2, connections(strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1000), 20)},
		"many streams":     {1, manyStreams},
		"slow reader": {4, func(ctx context.Context, url string) int {
			request := "POST /mcp HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + hostileKey + "\r\nContent-Type: application/json\r\nContent-Length: " + fmt.Sprint(len(rpc.List)) + "\r\n\r\n" + rpc.List
			return rawConnection(ctx, url, strings.Repeat(request, 50))
		}},
	}
}

var keyNumber atomic.Int64

// wrongKey sends another wrong key each time.
func wrongKey(ctx context.Context, url string) int {
	status, _, _ := do(ctx, "POST", url, strings.NewReader(rpc.Ping), "X-Api-Key", fmt.Sprintf("%d-wrong-0123456789-abcdefghijklmnopqrstuvwx", keyNumber.Add(1)))
	return status
}

// connections returns an attack that opens n connections, sends text on each, and keeps them
// open without reading.
func connections(text string, n int) func(context.Context, string) int {
	return func(ctx context.Context, url string) int {
		for range n {
			conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				break
			}
			defer conn.Close()
			_ = conn.SetWriteDeadline(time.Now().Add(time.Second)) // the server may not read all of it
			_, _ = io.WriteString(conn, text)
			pause(ctx, time.Millisecond) // without it, the listen queue would overflow, as it would not over a network
		}
		pause(ctx, time.Minute)
		return 0
	}
}

// manyStreams opens more streams than a key may have, and does not read from the connections.
func manyStreams(ctx context.Context, url string) int {
	request := func(session string) string {
		return "GET /mcp HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + hostileKey + "\r\nAccept: text/event-stream\r\nMcp-Protocol-Version: 2025-11-25\r\nMcp-Session-Id: " + session + "\r\n"
	}
	for range 300 {
		_, _, header := do(ctx, "POST", url, strings.NewReader(rpc.Initialize))
		if header == nil {
			break
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, request(header.Get("Mcp-Session-Id"))+"Last-Event-ID: 1-0\r\n\r\n")
	}
	pause(ctx, time.Minute)
	return 0
}

// sessionStream starts a session and opens its stream.
func sessionStream(ctx context.Context, url string) int {
	_, _, header := do(ctx, "POST", url, strings.NewReader(rpc.Initialize))
	if header == nil {
		return 0
	}
	status, _, _ := do(ctx, "GET", url, nil, "Mcp-Session-Id", header.Get("Mcp-Session-Id"), "Mcp-Protocol-Version", "2025-11-25")
	return status
}
