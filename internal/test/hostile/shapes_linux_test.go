package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"serverless-mcp/internal/emulator/awsfake"
	"serverless-mcp/internal/hosting/lambdahttp"
	"serverless-mcp/internal/hosting/mcplambda"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/settings"
	"serverless-mcp/internal/test/rpc"
	"serverless-mcp/tools"
)

// send sends a request to /mcp with the good key and returns the response. headers are pairs
// of name and value.
type send func(t *testing.T, body string, headers ...string) (status int, text string)

// shape is a server in one deployment shape.
type shape struct {
	send    send
	maxBody int
}

// startShapes starts the server in each deployment shape: the two functions within this
// process, from event to response, and the container as a separate process.
func startShapes(t *testing.T) map[string]shape {
	t.Helper()
	c := startContainer(t, cgroup{})
	return map[string]shape{
		settings.ShapeHTTPAPI: {buffered(t), 4_500_000},
		settings.ShapeStream:  {streaming(t), 4_500_000},
		settings.ShapeContainer: {func(t *testing.T, body string, headers ...string) (int, string) {
			status, text, _ := do(t.Context(), "POST", c.url, strings.NewReader(body), append([]string{"X-Api-Key", goodKey}, headers...)...)
			return status, text
		}, 1 << 20},
	}
}

func buffered(t *testing.T) send {
	t.Helper()
	handle, err := mcplambda.Buffered(func(name string) string {
		return map[string]string{settings.EnvServerName: "hostile", settings.EnvLogLevel: "error"}[name]
	}, tools.All)
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, body string, headers ...string) (int, string) {
		e := event(body, headers)
		e.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{Lambda: apikey.Principal{KeyID: "good"}.Context()}
		r, err := handle(t.Context(), lambdahttp.NewEvent(e))
		if err != nil {
			t.Fatal(err)
		}
		if r.IsBase64Encoded {
			text, err := base64.StdEncoding.DecodeString(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			return r.StatusCode, string(text)
		}
		return r.StatusCode, r.Body
	}
}

func streaming(t *testing.T) send {
	t.Helper()
	document, err := apikey.Document{Keys: []apikey.Key{{ID: "good", SHA256: apikey.Hash(goodKey)}}}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	secrets := awsfake.NewSecretsManager(awsfake.Options{})
	secrets.Create("issued", string(document))
	aws := httptest.NewServer(secrets)
	t.Cleanup(aws.Close)
	handle, err := mcplambda.Streaming(t.Context(), func(name string) string {
		return map[string]string{
			settings.EnvServerName: "hostile", settings.EnvLogLevel: "error", settings.EnvIssuedKeysSecret: "issued",
			"AWS_ENDPOINT_URL": aws.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
		}[name]
	}, tools.All)
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, body string, headers ...string) (int, string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		r, err := handle(ctx, lambdahttp.NewEvent(event(body, headers)))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(text)
	}
}

// event returns the event for a POST, as API Gateway and Function URLs send it.
func event(body string, headers []string) events.APIGatewayV2HTTPRequest {
	all := http.Header{}
	rpc.SetHeaders(all, append([]string{"X-Api-Key", goodKey}, headers...)...)
	e := events.APIGatewayV2HTTPRequest{RawPath: "/mcp", Body: base64.StdEncoding.EncodeToString([]byte(body)), IsBase64Encoded: true, Headers: map[string]string{}}
	e.RequestContext.HTTP.Method = "POST"
	for name := range all {
		e.Headers[strings.ToLower(name)] = all.Get(name)
	}
	return e
}

// marker is in every oversized part. A response must not repeat it.
const marker = "M4rk"

// text returns a JSON string of n bytes, its quotes included.
func text(n int) string { return `"` + strings.Repeat(marker, n/len(marker)+1)[:n-2] + `"` }

// TestPartLimits sends each part of a message to each shape, at its limit and one byte,
// level or value above the limit. docs/budgets.md lists the limits.
func TestPartLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a server")
	}
	message := func(members string) string { return `{"jsonrpc":"2.0","id":1,` + members + `}` }
	method := func(name, params string) string { return message(`"method":"` + name + `","params":{` + params + `}`) }
	type part struct {
		limit  int
		status int // of the response above the limit
		body   func(n int) string
		header string // of n bytes, in place of a part of the body
	}
	parts := map[string]part{
		"header":           {8192, 431, nil, "Mcp-Name"},
		"header of a name": {8192, 431, nil, "X-Any"},
		"user agent":       {8192, 431, nil, "User-Agent"},
		"id":               {4096, 413, func(n int) string { return `{"jsonrpc":"2.0","method":"ping","id":` + text(n) + `}` }, ""},
		"id, digits": {308, 400, func(n int) string {
			return `{"jsonrpc":"2.0","method":"ping","id":1` + strings.Repeat("0", n) + `}`
		}, ""},
		"method":    {4096, 413, func(n int) string { return message(`"method":` + text(n)) }, ""},
		"jsonrpc":   {4096, 413, func(n int) string { return `{"jsonrpc":` + text(n) + `}` }, ""},
		"other":     {4096, 413, func(n int) string { return message(`"method":"ping","other":` + text(n)) }, ""},
		"tool":      {4096, 413, func(n int) string { return method("tools/call", `"name":`+text(n)) }, ""},
		"prompt":    {4096, 413, func(n int) string { return method("prompts/get", `"name":`+text(n)) }, ""},
		"URI":       {4096, 413, func(n int) string { return method("resources/read", `"uri":`+text(n)) }, ""},
		"cursor":    {4096, 413, func(n int) string { return method("tools/list", `"cursor":`+text(n)) }, ""},
		"log level": {4096, 413, func(n int) string { return method("logging/setLevel", `"level":`+text(n)) }, ""},
		"token":     {4096, 413, func(n int) string { return method("tools/list", `"_meta":{"progressToken":`+text(n)+`}`) }, ""},
		"token, digits": {4096, 413, func(n int) string {
			return method("tools/list", `"_meta":{"progressToken":`+strings.Repeat("1", n)+`}`)
		}, ""},
		"completed": {4096, 413, func(n int) string {
			return method("completion/complete", `"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"a","value":`+text(n)+`}`)
		}, ""},
		"reference": {4096, 413, func(n int) string {
			return method("completion/complete", `"ref":{"type":"ref/prompt","name":`+text(n)+`}`)
		}, ""},
		"reference type": {4096, 413, func(n int) string { return method("completion/complete", `"ref":{"type":`+text(n)+`}`) }, ""},
		"task":           {4096, 413, func(n int) string { return method("tools/call", `"task":{"ttl":1},"name":`+text(n)) }, ""},
		"cancelled":      {4096, 413, func(n int) string { return method("notifications/cancelled", `"requestId":`+text(n)) }, ""},
		"member name":    {4096, 413, func(n int) string { return message(`"method":"ping",` + text(n) + `:1`) }, ""},
		"depth, arguments": {100 - 3, 413, func(n int) string {
			return rpc.Call("1", "calculate", `{"a":`+strings.Repeat("[", n)+strings.Repeat("]", n)+`}`)
		}, ""},
		"depth, _meta": {100 - 3, 413, func(n int) string {
			return method("tools/list", `"_meta":{"a":`+strings.Repeat("[", n)+strings.Repeat("]", n)+`}`)
		}, ""},
		"depth, objects": {100 - 2, 413, func(n int) string { return method("ping", `"a":`+strings.Repeat(`{"":`, n)+"1"+strings.Repeat("}", n)) }, ""},
		"depth, a batch": {100, 413, func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }, ""},
		// The list, its name and five other values count as well.
		"values, arguments": {99_993, 413, func(n int) string {
			return rpc.Call("1", "calculate", `{"a":[`+strings.TrimSuffix(strings.Repeat("1,", n), ",")+`]}`)
		}, ""},
		"values, a batch": {99_999, 413, func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }, ""},
		"members":         {64, 413, func(n int) string { return method("ping", members(n)) }, ""},
		"members, _meta":  {64, 413, func(n int) string { return method("ping", `"_meta":{`+members(n)+`}`) }, ""},
		"initialize": {64 << 10, 413, func(n int) string {
			return padded(rpc.Initialize, `"capabilities":{"experimental":{"x":{"y":"%"}}}`, n)
		}, ""},
		"ping": {64 << 10, 413, func(n int) string { return padded(method("ping", `"capabilities":{}`), `"a":["%"]`, n) }, ""},
	}
	for name, s := range startShapes(t) {
		parts["body"] = part{s.maxBody, 413, func(n int) string { return rpc.Ping + strings.Repeat(" ", n-len(rpc.Ping)) }, ""}
		for part, test := range parts {
			t.Run(name+"/"+part, func(t *testing.T) {
				post := func(n int) (int, string) {
					if test.header != "" {
						return s.send(t, rpc.Ping, test.header, strings.Trim(text(n+2), `"`))
					}
					return s.send(t, test.body(n))
				}
				status, body := post(test.limit)
				if status == test.status && !strings.Contains(body, "batches are not supported") || status >= 500 || status == 0 {
					t.Errorf("%d: %d %.300s", test.limit, status, body)
				}
				if _, failure, ok := strings.Cut(body, `"error":`); ok && strings.Contains(failure, marker) {
					t.Errorf("the error repeats what it rejects: %.300s", body)
				}
				status, body = post(test.limit + 1)
				if status != test.status || !json.Valid([]byte(body)) {
					t.Errorf("%d: %d %.300s, want %d", test.limit+1, status, body, test.status)
				}
				if strings.Contains(body, marker) || len(body) > 500 {
					t.Errorf("the response repeats what it rejects: %.1000s", body)
				}
			})
		}
	}
}

// members returns n members of an object.
func members(n int) string {
	var all []string
	for i := range n {
		all = append(all, `"m`+strings.Repeat("x", i)+`":1`)
	}
	return strings.Join(all, ",")
}

// padded returns a message of n bytes in which member, with padding in place of its %,
// replaces the capabilities.
func padded(message, member string, n int) string {
	message = strings.Replace(message, `"capabilities":{}`, member, 1)
	return strings.Replace(message, "%", string(bytes.Repeat([]byte("x"), n-len(message)+1)), 1)
}
