package interop_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"serverless-mcp/internal/hosting/serve"
	"serverless-mcp/internal/keys/apikey"
	"serverless-mcp/internal/test/interop"
	"serverless-mcp/internal/test/tooltypes"
	"serverless-mcp/internal/tool"
	"serverless-mcp/tools"
)

// TestResultsOfEveryType: the TypeScript clients validate results against the output schema,
// and accept values of every type.
func TestResultsOfEveryType(t *testing.T) {
	node := interop.Install(t)
	home := t.TempDir()
	table := tooltypes.Table()
	var calls []call
	server := typesServer(t, table, &calls)
	for name, protocol := range map[string]string{"sdk-1": "2025-11-25", "sdk-2": "2025-11-25", "sdk-2-auto": "2026-07-28"} {
		t.Run(name, func(t *testing.T) {
			got, err := script(node, home, name)(t.Context(), address{url: server + "/mcp", key: "k"}, calls)
			if err != nil || got.Error != "" {
				t.Fatalf("%v, %s", err, got.Error)
			}
			if got.Protocol != protocol || len(got.Results) != len(calls) {
				t.Fatalf("protocol %s, %d results, want %s, %d", got.Protocol, len(got.Results), protocol, len(calls))
			}
			for i, c := range table {
				r := got.Results[i]
				want := `{"v":` + c.JSON + `}`
				if r.ProtocolError != "" || r.IsError || len(r.Content) != 1 || r.Content[0].Text != want || r.StructuredContent["v"] == nil {
					t.Errorf("%s: %+v, want %s", c.Name, r, want)
				}
			}
			// The last result violates its schema, which shows that the client validates results.
			if last := got.Results[len(table)]; last.ProtocolError == "" {
				t.Errorf("a result outside its schema: %+v, want the client to reject it", last)
			}
		})
	}
}

// typesServer serves a tool for each case, and one whose result violates its schema. It sets
// calls to a call of each tool.
func typesServer(t *testing.T, table []tooltypes.Case, calls *[]call) string {
	t.Helper()
	var set tool.Set
	for _, c := range table {
		set.Tools = append(set.Tools, c.Returns)
		*calls = append(*calls, call{Name: c.Name, Arguments: map[string]any{}})
	}
	set.Tools = append(set.Tools, brokenResult())
	*calls = append(*calls, call{Name: "broken_result", Arguments: map[string]any{}})
	handler, err := serve.New(func(tools.Config) tool.Set { return set }, serve.Options{
		Name:         "types",
		Authenticate: func(*http.Request) (apikey.Principal, error) { return apikey.Principal{KeyID: "k"}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
