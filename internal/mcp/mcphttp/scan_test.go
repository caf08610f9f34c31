package mcphttp

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mark3labs/mcp-go/mcp"
)

// scan accepts exactly what encoding/json and UTF-8 accept, within the limits.
func FuzzScan(f *testing.F) {
	for _, text := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"a":[1,-0.5e+3,true,false,null,"é\u00e9\ud800\\\""]},"_meta":{"progressToken":"t"}}}`,
		` [ 1 , {} , [] ] `, `{"a":1,}`, `[1,]`, `01`, `-`, `1.`, `1e`, `"\x"`, `"\u12"`, "\"\n\"", `nul`, `{"a" 1}`, `{1:2}`, `{} {}`, ``, ` `, "\xff", `{"ſ":1}`, `"\u12g4"`, `"\u/000"`, `"\u:000"`, `"\u@000"`, `"\u000`, `"\`, `"\u00e9"`, `{"params":{"requestState":{"x":[]}}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := scan(body)
		if limit := limitError(""); errors.As(err, &limit) {
			return
		}
		if want := json.Valid(body) && utf8.Valid(body); (err == nil) != want {
			t.Errorf("scan(%q) = %v, but valid is %v", body, err, want)
		}
	})
}

// The members of a message are the ones that encoding/json finds.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","_meta":{"traceparent":"t","io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"}}}}`,
		`{"jsonrpc":"2.0","method":"initialize","params":{"protocolVersion":"v","clientInfo":{"name":"c","version":1},"requestId":"a\"b"}}`,
		`{"JSONRPC":"1","jſonrpc":"2","ID":1,"id":null,"Method":"m\u00e9","method":5,"RESULT":{},"error":[],"params":[]}`,
		`{"params":{"NAME":"a","name":null,"_META":{"traceparent":"t"},"_meta":{"traceparent":1},"clientInfo":5},"Params":{"clientinfo":{"NAME":"c"}},"result":null}`,
		`{"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"a","IO.modelcontextprotocol/protocolVersion":"b"},"_Meta":{"io.modelcontextprotocol/protocolVersion":"c","io.modelcontextprotocol/protocolVersion":1}}}`,
		`{"params":{"_meta":{"traceparent":"a","tr\u0061ceparent":"b"}},"PARAMS":{"_meta":5}}`, `{"params":{"_meta":{"traceparent":"a"}},"PARAMS":"x"}`,
		`{"id":"\ud800","method":"\ud800","params":{"_meta":null,"name":[]}}`, `[]`, `1`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := scan(body)
		if err != nil {
			return
		}
		var want struct {
			JSONRPC, Method   string
			ID, Result, Error json.RawMessage
			Params            struct {
				Name, ProtocolVersion string
				RequestID             json.RawMessage
				ClientInfo            clientInfo
				Meta                  json.RawMessage `json:"_meta"`
			}
		}
		_ = json.Unmarshal(body, &want)
		var meta map[string]json.RawMessage // the case of names matters, as in mcp-go
		_ = json.Unmarshal(want.Params.Meta, &meta)
		var client clientInfo
		_ = json.Unmarshal(meta[mcp.MetaKeyClientInfo], &client)
		got := p.decode()
		same := got.JSONRPC == want.JSONRPC && got.Method == want.Method && got.Params.Name == want.Params.Name && got.Params.ProtocolVersion == want.Params.ProtocolVersion &&
			got.Params.ClientInfo == want.Params.ClientInfo && got.Params.Meta.ClientInfo == client &&
			got.Params.Meta.Traceparent == textOf(meta["traceparent"]) && got.Params.Meta.ProtocolVersion == textOf(meta[mcp.MetaKeyProtocolVersion])
		for _, raw := range [][2]json.RawMessage{{got.ID, want.ID}, {got.Result, want.Result}, {got.Error, want.Error}, {got.Params.RequestID, want.Params.RequestID}} {
			same = same && string(raw[0]) == string(raw[1]) && (raw[0] == nil) == (raw[1] == nil)
		}
		if !same {
			t.Errorf("%q is decoded to\n%+v, encoding/json:\n%+v", body, got, want)
		}
	})
}

// textOf returns the string that a JSON text holds, or "" if it is not a string.
func textOf(text json.RawMessage) string {
	var value any
	_ = json.Unmarshal(text, &value)
	s, _ := value.(string)
	return s
}

func TestScanLimits(t *testing.T) {
	message := func(member string) string { return `{"jsonrpc":"2.0","id":1,"method":"x",` + member + `}` }
	params := func(member string) string { return message(`"params":{` + member + `}`) }
	text := func(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }
	list := func(n int, item string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	members := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, `"m`+strings.Repeat("x", i)+`":1`)
		}
		return strings.Join(all, ",")
	}
	const large, many, deep, values = "larger than 4096 bytes", "more than 64 members", "deeper than 100 levels", "more than 100000 JSON values"
	for name, test := range map[string]struct{ body, want string }{
		"id":                     {`{"id":` + text(maxText) + `}`, ""},
		"id, too large":          {`{"id":` + text(maxText+1) + `}`, large},
		"id number, too large":   {`{"id":` + strings.Repeat("1", maxText+1) + `}`, large},
		"method, too large":      {`{"method":` + text(maxText+1) + `}`, large},
		"URI":                    {params(`"uri":` + text(maxText)), ""},
		"URI, too large":         {params(`"uri":` + text(maxText+1)), large},
		"cursor, too large":      {params(`"cursor":` + text(maxText+1)), large},
		"name, other case":       {`{"PARAMS":{"NAME":` + text(maxText+1) + `}}`, large},
		"name, escaped":          {`{"p\u0061rams":{"name":` + text(maxText+1) + `}}`, large},
		"progress token":         {params(`"_meta":{"progressToken":` + text(maxText+1) + `}`), large},
		"completion ref":         {params(`"ref":{"uri":` + text(maxText+1) + `}`), large},
		"completion value":       {params(`"argument":{"value":` + text(maxText+1) + `}`), large},
		"state":                  {params(`"requestState":` + text(maxState)), ""},
		"state, too large":       {params(`"requestState":` + text(maxState+1)), large[:12]},
		"argument":               {params(`"arguments":{"text":` + text(1<<20) + `}`), ""},
		"message members":        {`{` + members(maxMembers) + `}`, ""},
		"message, many members":  {`{` + members(maxMembers+1) + `}`, many},
		"params, many members":   {params(members(maxMembers + 1)), many},
		"_meta, many members":    {params(`"_meta":{` + members(maxMembers+1) + `}`), many},
		"arguments, many":        {params(`"arguments":{` + members(300) + `}`), ""},
		"member's name":          {`{` + text(maxText+1) + `:1}`, "name is " + large},
		"depth":                  {strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), ""},
		"depth, too large":       {strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), deep},
		"depth in arguments":     {params(`"arguments":` + strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth)), deep},
		"values":                 {list(maxValues-1, "1"), ""},
		"values, too many":       {list(maxValues, "1"), values},
		"objects, too many":      {list(maxValues/3, `{"":0}`), ""},
		"objects with names":     {list(maxValues/3+1, `{"":0}`), values},
		"arguments, many values": {params(`"arguments":{"a":` + list(maxValues, "1") + `}`), values},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := scan([]byte(test.body))
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("scan of %d bytes = %v, want %q", len(test.body), err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "xxx") {
				t.Errorf("the error repeats the message: %.200s", err)
			}
		})
	}
}

// A large message is shrunk without changing its meaning.
func TestShrink(t *testing.T) {
	big := `"` + strings.Repeat("x", largeMessage) + `"`
	sized := func(size int) string { // a message without arguments
		const start, end = `{"method":"x","params":{"list":["`, `"]}}`
		return start + strings.Repeat("x", size-len(start)-len(end)) + end
	}
	for name, test := range map[string]struct{ body, small, arguments, responses, err string }{
		"small": {body: `{"Method":"x","extra":1}`, small: `{"Method":"x","extra":1}`},
		"call": {body: `{"jsonrpc":"2.0","id":1,"extra":` + `{"x":` + big + `},"method":"tools/call","params":{"name":"t","arguments":{"a":` + big + `,"b":2,"c":[1]},"_meta":{"progressToken":1}}}`,
			small:     `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"b":2},"_meta":{"progressToken":1}}}`,
			arguments: `{"a":` + big + `,"b":2,"c":[1]}`},
		"other case":      {body: `{"PARAMS":{"ARGUMENTS":{"a":` + big + `}}}`, small: `{"PARAMS":{"ARGUMENTS":{}}}`, arguments: `{"a":` + big + `}`},
		"a list":          {body: `{"params":{"arguments":["` + strings.Repeat("x", largeMessage) + `"]}}`, small: `{"params":{"arguments":[]}}`, arguments: `["` + strings.Repeat("x", largeMessage) + `"]`},
		"input responses": {body: `{"params":{"name":"t","inputResponses":{"a":` + big + `}}}`, small: `{"params":{"name":"t"}}`, responses: `{"a":` + big + `}`},
		"response":        {body: `{"jsonrpc":"2.0","id":"a","result":{"a":` + big + `}}`, small: `{"jsonrpc":"2.0","id":"a","result":{}}`},
		"error":           {body: `{"jsonrpc":"2.0","id":"a","error":{"a":` + big + `}}`, small: `{"jsonrpc":"2.0","id":"a","error":{}}`},
		"no arguments":    {body: `{"params":{"arguments":7,"_meta":{"x":[` + big + `]}}}`, small: `{"params":{"arguments":7,"_meta":{"x":[` + big + `]}}}`},
		"batch":           {body: `[` + big + `]`, small: `[]`},
		"twice":           {body: `{"method":"x","METHOD":"y","params":{"arguments":{"a":` + big + `}}}`, err: "occurs twice"},
		"params twice":    {body: `{"params":{"name":"x","Name":"y","arguments":{"a":` + big + `}}}`, err: "occurs twice"},
		"argument twice":  {body: `{"params":{"arguments":{"b":1,"B":2,"a":` + big + `}}}`, small: `{"params":{"arguments":{}}}`, arguments: `{"b":1,"B":2,"a":` + big + `}`},
		"as it is":        {body: sized(largeMessage), small: sized(largeMessage)},
		"largest":         {body: sized(maxSmall), small: sized(maxSmall)},
		"too large":       {body: sized(maxSmall + 1), err: "larger than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := scan([]byte(test.body))
			if err != nil {
				t.Fatal(err)
			}
			small, large, err := p.shrink([]byte(test.body))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || string(small) != test.small || string(large.Arguments) != test.arguments || string(large.InputResponses) != test.responses {
				t.Errorf("got  %s\nwith %.99s and %.99s, %v\nwant %s", small, large.Arguments, large.InputResponses, err, test.small)
			}
		})
	}
}

func BenchmarkScan(b *testing.B) {
	for name, body := range map[string]string{
		"text":    `{"params":{"arguments":{"text":"` + strings.Repeat("x", 1<<20) + `"}}}`,
		"objects": `{"params":{"arguments":{"list":[` + strings.TrimSuffix(strings.Repeat(`{"":0},`, 30_000), ",") + `]}}}`,
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := scan([]byte(body)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
