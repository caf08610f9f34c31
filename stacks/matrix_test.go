package stacks

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"serverless-mcp/internal/settings"
)

// A factor is a feature with the settings of each of its choices, by name.
type factor struct {
	name    string
	choices []choice
}

type choice struct {
	name   string
	values map[string]string
}

// factors are the features that matrix combines. A choice has all settings that it needs,
// except those of a deployment shape. Sizes and texts are left out, because they change
// only a value in the template.
func factors() []factor {
	type values = map[string]string
	off := choice{"", nil}
	on := func(name, value string) choice { return choice{strings.ToLower(name), values{name: value}} }
	return []factor{
		{"shapes", []choice{
			{"http-api", nil},
			{"stream", values{"SHAPES": "stream"}},
			{"container", values{"SHAPES": "container", "CONTAINER_IMAGE": containerImage}},
			{"three shapes", values{"SHAPES": "http-api,stream,container", "CONTAINER_IMAGE": containerImage}},
		}},
		{"key", []choice{{"key", values{"API_KEY": plainKey}}, {"generated key", nil}, {"no key", values{"API_KEY": settings.NoKey}}}},
		{"sign-in", []choice{
			off,
			{"cognito", values{"SIGNIN_ISSUER": "cognito", "SIGNIN_TOOLS": "analysts=calculate; admins=*", "SIGNIN_LOG_EMAIL": "true"}},
			{"issuer", values{ // with every setting of it
				"SIGNIN_ISSUER": "https://login.example.com", "SIGNIN_AUDIENCE": "api://mcp", "SIGNIN_SCOPES": "tools", "SIGNIN_GROUPS_CLAIM": "roles",
				"SIGNIN_NOT_BEFORE": "2026-11-28T12:00:00Z", "SIGNIN_PKCE": "true", "SIGNIN_LIMITS": "60/m", "KEY_LIMITS": "true",
			}},
		}},
		{"domain", []choice{
			off,
			{"domain", values{"DOMAIN_NAME": "mcp.example.com", "CERTIFICATE_ARN": certificateUS}},
			{"domain in a zone", values{"DOMAIN_NAME": "mcp.example.com", "HOSTED_ZONE_ID": "Z012"}},
		}},
		{"limits", []choice{off, on("KEY_LIMITS", "true")}},
		{"jobs", []choice{off, on("JOBS", "true")}},
		{"watch", []choice{
			off,
			{"metrics", values{"METRICS": "true", "METRICS_BY_KEY": "true", "TRACING": "true"}},
			{"alarms", values{"ALARMS": "true", "ALARM_EMAIL": "ops@example.com", "BUDGET_USD": "50"}},
		}},
		{"protect", []choice{off, on("PROTECT", "true")}},
		{"page", []choice{off, on("PUBLIC_PAGE", "true")}},
		{"bearer", []choice{off, on("BEARER_ROUTE", "true")}},
		{"origins", []choice{off, on("ALLOWED_ORIGINS", "https://app.example.com")}},
		{"tools", []choice{off, {"tool settings", values{"TOOL_GREETING": "hello", "TOOL_SECRET_UPSTREAM_TOKEN": toolSecret}}}},
		{"reserved", []choice{off, on("RESERVED_CONCURRENCY", "3")}},
		{"presentation", []choice{off, {"title", values{"SERVER_TITLE": "Weather", "SERVER_INSTRUCTIONS": "Ask.", "SERVER_ICON": "https://example.com/icon.png", "SERVER_WEBSITE": "https://example.com"}}}},
		{"network", []choice{off, {"two gateways", values{"NAT_GATEWAYS": "2", "CONTAINER_SESSIONS": "stateful", "CONTAINER_MESSAGE_KB": "512", "CONTAINER_CALLS_PER_KEY": "50"}}}},
	}
}

// matrix returns settings, by a name that lists their choices, such that any two
// choices of two features are in a row together, unless the settings reject them.
var matrix = sync.OnceValue(func() map[string]map[string]string {
	all, missing := factors(), pairs()
	rows := map[string]map[string]string{}
	for len(missing) > 0 {
		// The row begins with the first missing pair. Then each feature gets the choice
		// with the most missing pairs.
		first := slices.MinFunc(slices.Collect(maps.Keys(missing)), func(a, b [4]int) int { return slices.Compare(a[:], b[:]) })
		row := map[int]int{first[0]: first[1], first[2]: first[3]}
		for f := range all {
			if _, ok := row[f]; ok {
				continue
			}
			best := slices.SortedFunc(indexes(len(all[f].choices)), func(a, b int) int {
				return cmp.Or(cmp.Compare(gain(missing, row, f, b), gain(missing, row, f, a)), cmp.Compare(a, b))
			})
			for _, c := range best {
				row[f] = c
				if valid(row) {
					break
				}
				delete(row, f)
			}
		}
		for pair := range missing {
			if row[pair[0]] == pair[1] && row[pair[2]] == pair[3] {
				delete(missing, pair)
			}
		}
		name, values := describeRow(row)
		rows[name] = values
	}
	return rows
})

// pairs returns all pairs that the settings accept: two features, each with the index
// of its choice, as {feature, choice, feature, choice}.
func pairs() map[[4]int]bool {
	all, found := factors(), map[[4]int]bool{}
	for a := range all {
		for b := a + 1; b < len(all); b++ {
			for i := range all[a].choices {
				for j := range all[b].choices {
					if valid(map[int]int{a: i, b: j}) {
						found[[4]int{a, i, b, j}] = true
					}
				}
			}
		}
	}
	return found
}

// gain returns how many missing pairs a choice adds to a row.
func gain(missing map[[4]int]bool, row map[int]int, feature, choice int) int {
	n := 0
	for f, c := range row {
		pair := [4]int{f, c, feature, choice}
		if f > feature {
			pair = [4]int{feature, choice, f, c}
		}
		if missing[pair] {
			n++
		}
	}
	return n
}

func valid(row map[int]int) bool {
	_, values := describeRow(row)
	_, err := settings.Parse(values)
	return err == nil
}

func describeRow(row map[int]int) (name string, values map[string]string) {
	values = map[string]string{}
	var names []string
	for _, f := range slices.Sorted(maps.Keys(row)) {
		c := factors()[f].choices[row[f]]
		maps.Copy(values, c.values)
		if c.name != "" {
			names = append(names, c.name)
		}
	}
	return strings.Join(names, ", "), values
}

func indexes(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// TestMatrix: the rows contain every pair that the settings accept. The tests of
// everySynthesis check each row.
func TestMatrix(t *testing.T) {
	if n := len(matrix()); n > 18 {
		t.Errorf("%d rows, each of which costs a synthesis, want at most 18", n)
	}
	for pair := range pairs() {
		a, b := factors()[pair[0]].choices[pair[1]], factors()[pair[2]].choices[pair[3]]
		found := false
		for _, values := range matrix() {
			found = found || contains(values, a.values) && contains(values, b.values)
		}
		if !found {
			t.Errorf("no row has %q and %q", a.name, b.name)
		}
	}
}

func contains(values, part map[string]string) bool {
	for name, value := range part {
		if values[name] != value {
			return false
		}
	}
	return true
}
