package mcpclient_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mark3labs/mcp-go/mcp"

	"serverless-mcp/internal/clients/mcpclient"
)

const schema = `{"name":"t","inputSchema":{"type":"object","properties":{
	"city":{"type":"string"}, "count":{"type":"integer"}, "factor":{"type":"number"}, "dry":{"type":"boolean"},
	"tags":{"type":"array","items":{"type":"string"}}, "sizes":{"type":"array","items":{"type":"integer"}},
	"where":{"type":"object"}, "any":{}, "maybe":{"type":["number","null"]},
	"zip":{"anyOf":[{"type":"string"},{"type":"null"}]}, "ids":{"anyOf":[{"type":"null"},{"type":"array","items":{"type":"string"}}]},
	"limit":{"oneOf":[{"type":"integer"},{"type":"null"}]}, "other":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/x"}]}}}}`

func decodeTool(t *testing.T, text string) mcp.Tool {
	t.Helper()
	var tool mcp.Tool
	if err := json.Unmarshal([]byte(text), &tool); err != nil {
		t.Fatal(err)
	}
	return tool
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  string // as JSON
	}{
		{nil, `{}`},
		{[]string{"city=3", "count=3", "factor=0.1"}, `{"city":"3","count":3,"factor":0.1}`},
		{[]string{"count=12345678901234567890"}, `{"count":12345678901234567890}`},
		{[]string{"city=a=b"}, `{"city":"a=b"}`},
		{[]string{"city="}, `{"city":""}`},
		{[]string{"dry=true"}, `{"dry":true}`},
		{[]string{"tags=a"}, `{"tags":["a"]}`},
		{[]string{"tags=a", "tags=b"}, `{"tags":["a","b"]}`},
		{[]string{`tags=["a,b","c"]`}, `{"tags":["a,b","c"]}`},
		{[]string{"sizes=1", "sizes=2"}, `{"sizes":[1,2]}`},
		{[]string{`where={"a":1}`}, `{"where":{"a":1}}`},
		{[]string{"any=1"}, `{"any":1}`},
		{[]string{"any=x y"}, `{"any":"x y"}`},
		{[]string{"maybe=null"}, `{"maybe":null}`},
		{[]string{"zip=12345", "ids=1", "ids=2", "limit=3"}, `{"ids":["1","2"],"limit":3,"zip":"12345"}`},
		{[]string{"other=1"}, `{"other":1}`},
	} {
		got, err := mcpclient.Arguments(decodeTool(t, schema), c.pairs)
		if err != nil {
			t.Errorf("Arguments(%q): %v", c.pairs, err)
			continue
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, string(text)); d != "" {
			t.Errorf("Arguments(%q) (-want +got):\n%s", c.pairs, d)
		}
	}
}

func TestArgumentsRejects(t *testing.T) {
	for _, c := range []struct {
		pairs []string
		want  string
	}{
		{[]string{"Paris"}, `t: "Paris" is not of the form name=value`},
		{[]string{"town=Paris"}, `"town" is not an argument, it has any, city, count`},
		{[]string{"count=many"}, `count: "many" is not a whole number`},
		{[]string{"count=3]"}, `count: "3]" is not a whole number`},
		{[]string{"dry=1"}, `dry: "1" is not true or false`},
		{[]string{"where=1"}, `where: "1" is not a JSON object`},
		{[]string{"maybe=x"}, `maybe: "x" is not a number or null`},
		{[]string{"limit=x"}, `limit: "x" is not a whole number or null`},
		{[]string{"sizes=x"}, `sizes: "x" is not a whole number`},
		{[]string{"city=a", "city=b"}, `city is given twice`},
		{[]string{"x", "dry=y"}, `name=value; dry: "y" is not`},
	} {
		_, err := mcpclient.Arguments(decodeTool(t, schema), c.pairs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Arguments(%q) = %v, want an error with %q", c.pairs, err, c.want)
		}
	}
	_, err := mcpclient.Arguments(decodeTool(t, `{"name":"t","inputSchema":{"type":"object"}}`), []string{"a=b"})
	if err == nil || !strings.Contains(err.Error(), "the tool takes none") {
		t.Errorf("got %v", err)
	}
}
