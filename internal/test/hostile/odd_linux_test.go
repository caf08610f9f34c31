package hostile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"serverless-mcp/internal/test/rpc"
)

// TestOddMessages sends messages that decoders disagree about or spend time on. Each shape
// quickly sends a short response, a result or an error that does not repeat the message, and
// serves the next request.
func TestOddMessages(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	const kilobytes = 900 << 10
	list := func(item string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	call := func(arguments string) string { return rpc.Call("1", "calculate", arguments) }
	number := func(n string) string { return call(`{"operation":"multiply","a":` + n + `,"b":` + n + `}`) }
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"%s%d":1,`, marker, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.WriteString(z, rpc.Ping+strings.Repeat(" ", 10<<20))
	_ = z.Close()
	for name, s := range startShapes(t) {
		for input, test := range map[string]struct {
			body    string
			headers []string
			status  int // zero means 200
		}{
			"deep arrays in an argument":     {call(`{"a":` + strings.Repeat("[", 90) + strings.Repeat("]", 90) + `}`), nil, 0},
			"deep arrays beyond the limit":   {call(`{"a":` + strings.Repeat("[", kilobytes/2) + `}`), nil, 413},
			"open arrays":                    {strings.Repeat("[", kilobytes), nil, 413},
			"many keys":                      {call(`{` + keys(30_000) + `}`), nil, 0},
			"many keys in _meta":             {rpc.Call("1", "calculate", `{},"_meta":{`+keys(65)+`}`), nil, 413},
			"many keys below _meta":          {rpc.Call("1", "calculate", `{},"_meta":{"x":{`+keys(30_000)+`}}`), nil, 413},
			"a batch":                        {list(rpc.Ping, 6_000), nil, 400},
			"a large exponent":               {number("1e999999999"), nil, 0},
			"a small exponent":               {number("1e-999999999"), nil, 0},
			"an exponent of many digits":     {number("1e" + strings.Repeat("9", 10_000)), nil, 0},
			"a number of many digits":        {number(strings.Repeat("9", 10_000)), nil, 0},
			"a number of very many digits":   {number(strings.Repeat("9", kilobytes/2)), nil, 0},
			"a fraction of very many digits": {number("0." + strings.Repeat("1", kilobytes/2)), nil, 0},
			"an id with an exponent":         {`{"jsonrpc":"2.0","method":"ping","id":1e999999999}`, nil, 400},
			"an id of many digits":           {`{"jsonrpc":"2.0","method":"ping","id":` + strings.Repeat("9", 4000) + `}`, nil, 400},
			"escapes":                        {call(`{"operation":"` + strings.Repeat(`\u004d\u0034`, kilobytes/12) + `"}`), nil, 0},
			"escapes in a name":              {rpc.Call("1", strings.Repeat(`\u004d`, 600), "{}"), nil, 0},
			"escaped names of members":       {`{"\u006asonrpc":"2.0","\u0069d":1,"m\u0065thod":"ping"}`, nil, 0},
			"half a surrogate pair":          {rpc.Call("1", `\ud800`, "{}"), nil, 0},
			"halves in the wrong order":      {call(`{"operation":"\udc00\ud800"}`), nil, 0},
			"half a pair as an id":           {`{"jsonrpc":"2.0","method":"ping","id":"\ud800"}`, nil, 0},
			"invalid UTF-8":                  {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"x\":\"\xff\xfe\"}", nil, 400},
			"UTF-16":                         {"\xff\xfe{\x00}\x00", nil, 400},
			"a byte order mark":              {"\ufeff" + rpc.Ping, nil, 400},
			"NUL":                            {rpc.Ping + "\x00", nil, 400},
			"two messages":                   {rpc.Ping + rpc.Ping, nil, 400},
			"names that differ in case":      {`{"jsonrpc":"2.0","id":1,"method":"tools/call","METHOD":"ping","params":{"name":"x"},"PARAMS":{"NAME":"calculate"}}`, nil, 0},
			"a name twice":                   {call(`{"operation":"add","Operation":"multiply","operation":"divide","a":1,"b":2}`), nil, 0},
			"compressed":                     {packed.String(), []string{"Content-Encoding", "gzip"}, 415},
			"compressed, not declared":       {packed.String(), nil, 400},
			"compression of an unknown kind": {rpc.Ping, []string{"Content-Encoding", marker}, 415},
			"no compression":                 {rpc.Ping, []string{"Content-Encoding", "identity"}, 0},
			"another charset":                {rpc.Ping, []string{"Content-Type", "application/json; charset=utf-7"}, 415},
			"a type of many parameters":      {rpc.Ping, []string{"Content-Type", "application/json" + strings.Repeat(";a="+marker, 900)}, 0},
			"many accepted types":            {rpc.Ping, []string{"Accept", strings.Repeat(marker+"/*,", 900)}, 406},
			"a response to no request":       {`{"jsonrpc":"2.0","id":"x","result":{"action":"accept","content":{}}}`, nil, 400},
			"a session of another server":    {rpc.Ping, []string{"Mcp-Session-Id", marker, "Mcp-Protocol-Version", "2025-11-25"}, map[bool]int{true: 404}[name == "container"]},
			"an empty body":                  {"", nil, 400},
			"white space":                    {strings.Repeat(" ", kilobytes), nil, 400},
		} {
			t.Run(name+"/"+input, func(t *testing.T) {
				begun := time.Now()
				status, text := s.send(t, test.body, test.headers...)
				if test.status == 0 {
					test.status = http.StatusOK
				}
				if status != test.status || !json.Valid([]byte(text)) {
					t.Errorf("%d %.300s, want %d", status, text, test.status)
				}
				if failure := text; len(failure) > 3000 || status != http.StatusOK && strings.Contains(failure, marker) {
					t.Errorf("the response has %d bytes: %.300s", len(failure), failure)
				}
				if took := time.Since(begun); took > 10*time.Second { // usually 10 ms; quadratic work would take minutes
					t.Errorf("took %v", took)
				}
				if status, text := s.send(t, rpc.Call("1", "calculate", `{"operation":"multiply","a":6,"b":7}`)); status != http.StatusOK || !strings.Contains(text, `"result":42`) {
					t.Errorf("the next request: %d %.300s", status, text)
				}
			})
		}
	}
}

// TestOddConnections sends text that no HTTP client sends. The container responds with 4xx,
// 501 or 505, or closes the connection, and never serves part of a request as another one.
func TestOddConnections(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	c := startContainer(t, cgroup{})
	head := func(headers string) string {
		return "POST /mcp HTTP/1.1\r\nHost: x\r\nX-Api-Key: " + goodKey + "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nConnection: close\r\n" + headers + "\r\n\r\n"
	}
	chunk := func(text, extension string) string { return fmt.Sprintf("%x%s\r\n%s\r\n", len(text), extension, text) }
	length := fmt.Sprint(len(rpc.Ping))
	smuggled := head("Content-Length: "+length) + rpc.Ping
	for name, test := range map[string]struct {
		text     string
		statuses string // of the responses; "closed" means that there is none
	}{
		"chunks":                        {head("Transfer-Encoding: chunked") + chunk(rpc.Ping[:9], "") + chunk(rpc.Ping[9:], "") + "0\r\n\r\n", "200"},
		"one byte a chunk":              {head("Transfer-Encoding: chunked") + strings.Repeat(chunk(" ", ""), 2000) + chunk(rpc.Ping, "") + "0\r\n\r\n", "200"},
		"both lengths":                  {head("Content-Length: 4\r\nTransfer-Encoding: chunked") + chunk(rpc.Ping, "") + "0\r\n\r\n" + smuggled, "200"},
		"two lengths":                   {head("Content-Length: "+length+"\r\nContent-Length: 1") + rpc.Ping, "400"},
		"a negative length":             {head("Content-Length: -1") + rpc.Ping, "400"},
		"a length with a sign":          {head("Content-Length: +"+length) + rpc.Ping, "400"},
		"an endless length":             {head("Content-Length: 99999999999999999999") + rpc.Ping, "400"},
		"a large length":                {head("Content-Length: 9000000000000000000") + rpc.Ping, "413"},
		"compressed chunks":             {head("Transfer-Encoding: gzip, chunked") + chunk(rpc.Ping, "") + "0\r\n\r\n", "501"},
		"chunked twice":                 {head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + chunk(rpc.Ping, "") + "0\r\n\r\n", "400 501"},
		"chunked, misspelled":           {head("Transfer-Encoding: xchunked") + chunk(rpc.Ping, "") + "0\r\n\r\n", "501"},
		"a space before the colon":      {head("Transfer-Encoding : chunked") + chunk(rpc.Ping, "") + "0\r\n\r\n", "400"},
		"a folded header":               {head("X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: "+length) + rpc.Ping, "200"},
		"a chunk of an endless size":    {head("Transfer-Encoding: chunked") + "ffffffffffffffffff\r\n" + rpc.Ping, "400"},
		"a large chunk extension":       {head("Transfer-Encoding: chunked") + chunk(rpc.Ping, ";"+strings.Repeat("x", 100_000)) + "0\r\n\r\n", "400"},
		"a large trailer":               {head("Transfer-Encoding: chunked") + chunk(rpc.Ping, "") + "0\r\nX-A: " + strings.Repeat("x", 100_000) + "\r\n\r\n", "200 400 closed"},
		"a line feed in a header":       {head("X-A: b\nX-B: c\r\nContent-Length: "+length) + rpc.Ping, "200 400"},
		"NUL in a header":               {head("X-A: b\x00c\r\nContent-Length: "+length) + rpc.Ping, "400"},
		"no host":                       {"POST /mcp HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "400"},
		"two hosts":                     {head("Host: y\r\nContent-Length: "+length) + rpc.Ping, "400"},
		"many headers":                  {head(strings.Repeat("X-A: b\r\n", 3000) + "Content-Length: 0"), "431"},
		"a long request line":           {"POST /" + strings.Repeat("x", 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		"another URL form":              {strings.Replace(head("Content-Length: "+length), "/mcp", "http://evil/mcp", 1) + rpc.Ping, "200"},
		"a path with dots":              {strings.Replace(head("Content-Length: "+length), "/mcp", "/health/../mcp", 1) + rpc.Ping, "404"},
		"HTTP/2 without TLS":            {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00", "400 404 505 closed"},
		"an upgrade to HTTP/2":          {head("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: "+length) + rpc.Ping, "200"},
		"HTTP/0.9":                      {"GET /health\r\n\r\n", "400"},
		"CONNECT":                       {"CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n", "404 405"},
		"a proxied request":             {"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\n\r\n", "404"},
		"TLS":                           {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 200) + "\r\n\r\n", "400 closed"},
		"more than the length":          {head("Content-Length: "+length+"\r\nConnection: close") + rpc.Ping + smuggled, "200"},
		"a body that waits for 100":     {head("Expect: 100-continue\r\nContent-Length: "+length) + rpc.Ping, "100,200"},
		"a body that waits for nothing": {head("Expect: 200-ok\r\nContent-Length: "+length) + rpc.Ping, "417"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := exchange(t, c.url, test.text)
			if !strings.Contains(" "+test.statuses+" ", " "+got+" ") {
				t.Errorf("%s, want %s", got, test.statuses)
			}
		})
	}
}

// exchange sends text and returns the statuses of the responses until the server closes
// the connection, or "closed".
func exchange(t *testing.T, url, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(conn, text) // the server may close it before the end
	var statuses []string
	for lines := bufio.NewReader(conn); ; {
		line, err := lines.ReadString('\n')
		if fields := strings.Fields(line); strings.HasPrefix(line, "HTTP/1.") && len(fields) > 1 {
			statuses = append(statuses, fields[1])
		}
		if err != nil {
			break
		}
	}
	if statuses == nil {
		return "closed"
	}
	return strings.Join(statuses, ",")
}
